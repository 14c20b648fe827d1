"""What --fix does to files: byte for byte, atomically, through links."""

import errno
import os
import stat
import struct
from pathlib import Path

import pytest

from tests.cli.run import FIXED, SOURCE, called, einlint, write

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
    done = called("--fix", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert path.read_bytes() == data.replace(CALL, b"a @ b")


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_rows_inside_of_the_call_too(tmp_path: Path, newline: bytes) -> None:
    call = b'torch.einsum(\n  "i,i->",\n  f(\n    a, # c\n  ), b\\\n  .c)'
    data = b"import torch\nx = " + call + b"\n"
    path = tmp_path / "a.py"
    path.write_bytes(data.replace(b"\n", newline))
    assert called("--fix", cwd=tmp_path).returncode == 0
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
    assert called("--fix", cwd=tmp_path).returncode == 0
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
    done = called("--diff", cwd=tmp_path)
    assert (done.returncode, b"+x = '\xe9', a @ b\n" in done.stdout) == (1, True)


def test_mode_bits_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(SOURCE)
    path.chmod(0o754)
    einlint("--fix", cwd=tmp_path)
    assert path.read_text() == FIXED
    assert stat.S_IMODE(path.stat().st_mode) == 0o754
    assert [each.name for each in tmp_path.iterdir()] == ["a.py"]


def test_extended_attributes_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(SOURCE)
    try:
        os.setxattr(path, "user.note", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    done = called("--fix", cwd=tmp_path)
    assert (done.returncode, path.read_text()) == (0, FIXED)
    assert os.getxattr(path, "user.note") == b"kept"


def test_an_access_list_of_the_folder_is_not_taken_on(tmp_path: Path) -> None:
    """Another user could write the file then."""
    path = tmp_path / "a.py"
    path.write_text(SOURCE)
    user, group, mask, other = (1, 7, -1), (4, 5, -1), (16, 7, -1), (32, 4, -1)
    entries = (user, (2, 7, 4711), group, mask, other)
    value = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *each) for each in entries)
    try:
        os.setxattr(tmp_path, "system.posix_acl_default", value)
    except OSError:
        pytest.skip("this file system has no access lists")
    (tmp_path / "new").write_text("")
    assert os.listxattr(tmp_path / "new"), "else this shows nothing"
    before = path.stat().st_mode
    assert called("--fix", cwd=tmp_path).returncode == 0
    assert (path.read_text(), path.stat().st_mode, os.listxattr(path)) == (FIXED, before, [])


def test_a_file_whose_attributes_would_be_lost_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*arguments: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    write(tmp_path, {"a.py": SOURCE})
    monkeypatch.setattr(
        "os.listxattr",
        lambda file: [] if isinstance(file, int) else ["security.label", "user.note"],
    )
    monkeypatch.setattr("os.getxattr", lambda path, name: b"kept")
    monkeypatch.setattr("os.setxattr", refused)
    done = called("--fix", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == b"einlint: a.py: its extended attribute user.note would be lost\n"
    assert (tmp_path / "a.py").read_text() == SOURCE
    monkeypatch.setattr("os.listxattr", lambda path: ["security.label"])  # the system gives another
    assert called("--fix", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == FIXED


@pytest.mark.parametrize("length", [251, 254, 255])
def test_names_of_any_length(tmp_path: Path, length: int) -> None:
    """The temporary file beside it once had a longer name."""
    path = tmp_path / ("n" * (length - 3) + ".py")
    path.write_text(SOURCE)
    done = called("--fix", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert path.read_text() == FIXED
    assert [*tmp_path.iterdir()] == [path]
    report = tmp_path / ("r" * (length - 5) + ".json")
    assert called("--output-format", "json", "-o", report.name, cwd=tmp_path).returncode == 0
    assert report.read_text() == "[]\n"
    program = tmp_path / "program.py"
    program.write_text("")
    trace = tmp_path / ("t" * (length - 6) + ".jsonl")
    assert einlint("trace", "-o", trace.name, "--", program.name, cwd=tmp_path).returncode == 0
    assert trace.exists()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    write(tmp_path, {"real/a.py": SOURCE})
    link = tmp_path / "link.py"
    link.symlink_to("real/a.py")
    called("--fix", "link.py", cwd=tmp_path)
    assert link.is_symlink()
    assert (tmp_path / "real/a.py").read_text() == FIXED
