"""What --fix does to files: byte for byte, atomically, through links."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.commands.run import FIXED, SOURCE, einlint, findings, needs_a_user, write

CALL = b'torch.einsum("i,i->", a, b)'


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfimport torch\nx = " + CALL + b"\n",
        b"import torch\r\nx = " + CALL + b"\r\ny = 1\r\n",
        b"import torch\rx = " + CALL + b"\ry = 1\r",
        b"import torch\nx = 1\r\ny = " + CALL + b"\rz = 2\r\n",
        b"import torch\n\x0c\nx = " + CALL + b"\n\x0c",
        b"import torch\n\x0cx = " + CALL + b"  \t\n",
        b"import torch\nx = " + CALL,
        b"# -*- coding: latin-1 -*-\nimport torch\n\xe9 = '\xff'; x = " + CALL + b" # \xe9\n",
        b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\nimport torch\nx = '\x80', "
        + CALL,
        b"# coding: shift_jis\nimport torch\nx = '\x83\x65\x83\x58\x83\x67', " + CALL + b"\n",
        "import torch\nx = '\u2028\u2029\x1c\x85é𝔘', ".encode() + CALL + b"\n",
        b"import torch\nif x:\n\ty = (\t" + CALL + b"\t)\n",
        b"import torch\nx = [1,\\\r\n  " + CALL + b"]\r\n",
        b"import torch\nx = '''a\r\nb\rc''', " + CALL + b"\n",
    ],
)
def test_everything_outside_of_the_call_stays(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    done = einlint("--fix", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert path.read_bytes() == data.replace(CALL, b"a @ b")


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_rows_inside_of_the_call_too(tmp_path: Path, newline: bytes) -> None:
    call = b'torch.einsum(\n  "i,i->",\n  f(\n    a, # c\n  ), b\\\n  .c)'
    data = b"import torch\nx = " + call + b"\n"
    path = tmp_path / "a.py"
    path.write_bytes(data.replace(b"\n", newline))
    assert einlint("--fix", cwd=tmp_path).returncode == 0
    expected = b"import torch\nx = f(\n    a, # c\n  ) @ b\\\n  .c\n"
    assert path.read_bytes() == expected.replace(b"\n", newline)


@pytest.mark.parametrize("cookie", [b"# coding: ascii", b"# coding: latin-1"])
def test_a_comment_does_not_become_a_cookie(tmp_path: Path, cookie: bytes) -> None:
    """Without its import the file would have the comment on its second row."""
    data = (
        b"# t\nfrom torch import einsum\n" + cookie + b"\ns = '\xc3\xa9'\nx = einsum('i,i->', a, b)"
    )
    path = tmp_path / "a.py"
    path.write_bytes(data)
    assert einlint("--fix", cwd=tmp_path).returncode == 0
    assert path.read_bytes() == data.replace(b"einsum('i,i->', a, b)", b"a @ b")


def test_a_diff_holds_the_bytes_of_the_file(tmp_path: Path) -> None:
    bom = b"\xef\xbb\xbf"
    data = bom + b"import torch\nx = '\xc3\xa9', " + CALL + b"\r\ny = 1"
    (tmp_path / "\u65e5\u672c.py").write_bytes(data)
    done = einlint("--diff", cwd=tmp_path)
    assert done.stdout.startswith("--- \u65e5\u672c.py\n+++ \u65e5\u672c.py\n".encode())
    assert b"\n " + bom + b"import torch\n" in done.stdout
    assert b"\n+x = '\xc3\xa9', a @ b\r\n" in done.stdout
    assert done.stdout.endswith(b" y = 1\n\\ No newline at end of file\n")


def test_a_diff_of_latin_1_under_a_name_that_it_lacks(tmp_path: Path) -> None:
    data = b"# coding: latin-1\nimport torch\nx = '\xe9', " + CALL + b"\n"
    (tmp_path / "\u65e5.py").write_bytes(data)
    done = einlint("--diff", cwd=tmp_path)
    assert (done.returncode, b"+x = '\xe9', a @ b\n" in done.stdout) == (1, True)


def test_mode_bits_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(SOURCE)
    path.chmod(0o754)
    einlint("--fix", cwd=tmp_path)
    assert path.read_text() == FIXED
    assert stat.S_IMODE(path.stat().st_mode) == 0o754
    assert [each.name for each in tmp_path.iterdir()] == ["a.py"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    write(tmp_path, {"real/a.py": SOURCE})
    link = tmp_path / "link.py"
    link.symlink_to("real/a.py")
    einlint("--fix", "link.py", cwd=tmp_path)
    assert link.is_symlink()
    assert (tmp_path / "real/a.py").read_text() == FIXED


def test_links_in_circles_end(tmp_path: Path) -> None:
    write(tmp_path, {"a/b.py": SOURCE})
    (tmp_path / "a/again").symlink_to(tmp_path)
    (tmp_path / "a/self.py").symlink_to("self.py")
    assert [each["filename"] for each in findings(cwd=tmp_path)] == ["a/b.py"]


def test_a_read_only_file_is_named_and_the_others_are_fixed(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE, "b.py": SOURCE})
    (tmp_path / "a.py").chmod(0o444)
    done = einlint("--fix", cwd=tmp_path)
    assert done.returncode == 2
    assert "a.py: a.py is read-only" in done.stderr.decode()
    assert (tmp_path / "a.py").read_text() == SOURCE
    assert (tmp_path / "b.py").read_text() == FIXED
    left = einlint("--fix", "--output-format", "json", cwd=tmp_path)
    assert [each["filename"] for each in json.loads(left.stdout)] == ["a.py"]


@needs_a_user
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"sub/a.py": SOURCE})
    (tmp_path / "sub").chmod(0o555)
    done = einlint("--fix", cwd=tmp_path)
    assert done.returncode == 2
    assert "Permission denied" in done.stderr.decode()


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    done = einlint("pipe.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, b"einlint: pipe.py: not a regular file\n")
    assert einlint(cwd=tmp_path).returncode == 0


def test_a_notebook_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text('{"cells": [], "einsum": 1}')
    done = einlint("a.ipynb", cwd=tmp_path)
    assert (done.returncode, b"notebooks are not read" in done.stderr) == (2, True)


def test_a_dangling_link_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to("nowhere")
    assert einlint("a.py", cwd=tmp_path).returncode == 2
    assert einlint(cwd=tmp_path).returncode == 0


def test_machine_formats_stay_valid_beside_a_failure(tmp_path: Path) -> None:
    write(tmp_path, {"b.py": SOURCE})
    os.mkfifo(tmp_path / "pipe.py")
    done = einlint("--output-format", "json", "pipe.py", "b.py", cwd=tmp_path)
    assert done.returncode == 2
    assert b'"code": "EIN105"' in done.stdout
