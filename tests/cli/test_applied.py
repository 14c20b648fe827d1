"""What `--fix` lists, and how `--diff` looks on a terminal."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.run import FIXED, SOURCE, called, einlint, write
from tests.output.formats.readers import NOTEBOOK

LINE = "fixed a.py:5:12 EIN105 `bhqd,bhkd->bhqk` -> `q @ k.transpose(-2, -1)`\n"
NESTED = """import torch


def f(a, b, c):
    x = torch.einsum(
        "ij,jk->ik",
        torch.einsum("ij,jk->ik", a, b),
        c,
    )
    y = torch.einsum("ij,jk", a, b)  # noqa: EIN101
    return x, y
"""


@pytest.mark.parametrize("name", ["full", "concise"])
def test_each_fixed_finding_is_one_line_above_the_summary(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"a.py": SOURCE})
    done = einlint("--fix", "--output-format", name, cwd=tmp_path)
    assert done.stdout.decode() == f"{LINE}Fixed 1 finding, 0 left.\n"


def test_they_stand_where_the_new_text_has_them(tmp_path: Path) -> None:
    """Nested calls are fixed in rounds, and the first round removes lines above the others."""
    write(tmp_path, {"a.py": NESTED})
    done = called("--fix", "--extend-select", "EIN006,EIN901", cwd=tmp_path)
    assert done.stdout.decode().splitlines()[:-1] == [
        'fixed a.py:5:9 EIN104 `ij,jk->ik` -> `torch.einsum("ij,jk->ik", a, b) @ c`',
        "fixed a.py:5:9 EIN104 `ij,jk->ik` -> `a @ b`",
        "fixed a.py:6:9 EIN104 `ij,jk` -> `a @ b`",
        "fixed a.py:6:14 EIN901 remove the comment",
    ]
    assert (tmp_path / "a.py").read_text().splitlines()[4:6] == [
        "    x = a @ b @ c",
        "    y = a @ b",
    ]


def test_in_a_notebook_they_stand_in_cells(tmp_path: Path) -> None:
    write(tmp_path, {"a.ipynb": NOTEBOOK})
    lines = called("--fix", cwd=tmp_path).stdout.decode().splitlines()
    assert lines[:2] == [
        "fixed a.ipynb:cell 2:2:5 EIN101 `i,i->` -> `a @ b`",
        "fixed a.ipynb:cell 2:3:9 EIN104 `ij,jk->ik` -> `(a @ b)`",
    ]


def test_they_are_the_same_with_workers_and_only_what_was_written(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}.py": SOURCE for name in "abc"})
    done = einlint("--fix", "-j", "2", "a.py", "b.py", cwd=tmp_path)
    assert (
        done.stdout.decode() == f"{LINE}{LINE.replace('a.py', 'b.py')}Fixed 2 findings, 0 left.\n"
    )
    assert b"fixed" not in called("--diff", cwd=tmp_path).stdout
    assert b"fixed" not in called("--fix", "--quiet", cwd=tmp_path).stdout


def test_formats_for_programs_do_not_list_them(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    done = called("--fix", "--output-format", "json", cwd=tmp_path)
    assert json.loads(done.stdout) == []


def test_of_standard_input_they_stand_beside_the_source(tmp_path: Path) -> None:
    done = called("--fix", "-", "--stdin-filename", "a.py", cwd=tmp_path, stdin=SOURCE.encode())
    assert done.stdout.decode() == FIXED
    assert done.stderr.decode().startswith(LINE)


def test_a_diff_is_coloured_only_for_the_eye(tmp_path: Path) -> None:
    source = SOURCE.replace("\n", "\r\n").encode() + b"# coding: caf\xe9\n# \xff"
    source = b"# coding: latin-1\n" + source
    (tmp_path / "a.py").write_bytes(source)
    plain = called("--diff", cwd=tmp_path, environment={"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert plain.stdout == called("--diff", "--color", "never", cwd=tmp_path).stdout
    coloured = called("--diff", "--color", "always", cwd=tmp_path).stdout
    assert re.sub(rb"\x1b\[[\d;]*m", b"", coloured) == plain.stdout
    assert coloured.startswith(b"\x1b[1m--- a.py\x1b[0m\n\x1b[1m+++ a.py\x1b[0m\n\x1b[1;36m@@ ")
    assert b"\n\x1b[32m+    return q @ k.transpose(-2, -1)\r\x1b[0m\n" in coloured
    assert b"\n\x1b[31m-    return torch.einsum" in coloured


def test_git_applies_a_piped_diff(tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    write(tmp_path, {"a.py": SOURCE})
    diff = einlint("--diff", cwd=tmp_path).stdout
    subprocess.run(["git", "apply", "-p0", "-"], cwd=tmp_path, input=diff, check=True)
    assert (tmp_path / "a.py").read_text() == FIXED
