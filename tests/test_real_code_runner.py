"""The runner of `benchmarks/real_code.py` counts right, and sees what it is there to see."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import write
from tests.conftest import ROOT

RUNNER = ROOT / "benchmarks" / "real_code.py"
FILES = {
    "one/attention.py": """import torch
from torch import einsum as e


def attend(q, k, v, w, x, y, z):
    scores = torch.einsum("bhqd,bhkd->bhqk", q, k) ** 2
    out = e("bhqk,bhkd->bhqd", scores, v)
    return torch.einsum("i,j->ij", w, w), torch.einsum("ab,bc,cd->ad", x, y, z), out
""",
    "one/other.py": "import numpy\n\nx = numpy.einsum('ij,jk->ik', a, b)\n",
    "one/old.py": "print 'einsum'\n",
    "one/plain.pyi": "x: int\n",
    "two/dynamic.py": "import torch as th\n\nx = th.einsum(f'ij,{k}->i', a, b)\n",
}
# What einlint would do if its spelling of a product forgot the right factor's transposition.
WRONG_SPELLING = """
import einlint.rewriting.dialects.torch as dialect
dialect._permutation = lambda source, target, style: ""
"""
CRASHING_CHECK = """
import einlint.linting.judging as judging
def _diagnostic(*arguments):
    raise ZeroDivisionError
judging._diagnostic = _diagnostic
"""
BLIND_CHECK = """
import checked
find = checked.check
def check(source, settings):
    return type(find(source, settings))(())
checked.check = check
"""
BROKEN_PLACE = """
import einlint.rulebook.replacement as replacement
replacement._placed = lambda text, site: text.source
"""


def run(
    folder: Path, *names: str, patch: str = ""
) -> tuple[int, dict[str, dict[str, str]], list[str]]:
    """The exit code, the rows of the table by source, and the lines below it."""
    write(folder, FILES)
    start = f"import runpy, sys; sys.path.insert(0, {str(RUNNER.parent)!r})\n"
    program = f"{start}{patch}\nrunpy.run_path({str(RUNNER)!r}, run_name='__main__')"
    sources = [str(folder / name) for name in names]
    command = [sys.executable, "-c", program, *sources]
    done = subprocess.run(command, capture_output=True, text=True)
    assert not done.stderr, done.stderr
    lines = done.stdout.splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    table = {row[0]: dict(zip(cells[0][1:], row[1:], strict=True)) for row in cells[2:]}
    return done.returncode, table, lines[len(cells) :]


def test_the_table_of_two_sources(tmp_path: Path) -> None:
    code, table, below = run(tmp_path, "one", "two")
    assert code == 0, below
    assert table["one"] == {
        "files": "4",
        "einsum": "3",
        "calls": "4",
        "default": "3",
        "findings": "4",
        "safe": "2",
        "unsafe": "1",
        "shown": "0",
        "run": "3",
        "wrong": "0",
        "not seen": "0",
        "crashes": "0",
        "broken": "0",
        "unsettled": "0",
    }
    assert table["two"]["calls"] == "0"
    assert table["**all**"]["files"] == "5"
    assert any("EIN105 2" in line for line in below)
    for name, text in FILES.items():
        assert (tmp_path / name).read_text() == text


@pytest.mark.parametrize(
    ("patch", "column", "count", "report"),
    [
        (WRONG_SPELLING, "wrong", "1", "wrong: one/attention.py:6: EIN105"),
        (BROKEN_PLACE, "wrong", "1", "wrong: one/attention.py:6: EIN105 the file around"),
        (CRASHING_CHECK, "crashes", "1", "crashes: one/attention.py"),
        (BLIND_CHECK, "not seen", "4", "missed: one/attention.py:6: bhqd,bhkd->bhqk"),
    ],
    ids=["wrong product", "missing parentheses", "crash", "missed calls"],
)
def test_an_injected_fault_is_counted(
    tmp_path: Path, patch: str, column: str, count: str, report: str
) -> None:
    code, table, below = run(tmp_path, "one", patch=patch)
    assert code == 1
    assert table["one"][column] == count
    assert any(line.startswith(report) for line in below), below
