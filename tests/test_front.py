"""Which files are read at all: decided by bytes before rules are loaded, and as they decide."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from einlint.linting.engine import read
from einlint.linting.findings import Findings
from einlint.linting.front import may_have_findings, may_hold_words
from einlint.linting.wanted import _words
from einlint.output.clean import FOR_PEOPLE
from einlint.output.format import format_named, format_names
from einlint.settings import Settings
from tests.conftest import ROOT, Golden

WORDS = ROOT / "einlint/linting/default_words.py"
HEAD = '''"""The words of what the default rules judge, besides einsum; a test writes this."""

from typing import Final

GROUPS: Final[tuple[tuple[tuple[bytes, ...], ...], ...]] = (
'''


def test_the_words_of_the_default_rules_are_fresh(golden: Golden) -> None:
    facts = [tuple(tuple(map(str.encode, group)) for group in each) for each in _words(Settings())]
    lines = "".join(f"    {_spelled(each)},\n" for each in facts)
    golden.check(WORDS, f"{HEAD}{lines})\n")


def _spelled(words: tuple[tuple[bytes, ...], ...]) -> str:
    return repr(words).replace("'", '"')


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(select=("EIN105",)),
        Settings(select=("ALL",)),
        Settings(ignore=("EIN202",)),
        Settings(extend_select=("EIN901",)),
        Settings(functions=("mine.product",)),
        Settings(functions=("mine.\N{LATIN SMALL LETTER E WITH ACUTE}",)),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "data",
    [b"", b"x = 1", b"einsum", b"softmax", b"softmax @", b"softmax matmul", b"product", b"# noqa"],
    ids=repr,
)
def test_what_is_left_out_has_nothing_to_say(data: bytes, settings: Settings) -> None:
    if not may_hold_words(data, settings):
        assert read("a.py", data, settings) == Findings()
    elif settings == Settings():
        assert not isinstance(read("a.py", data, settings), Findings)


def test_what_cannot_be_read_is_left_to_who_says_so(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "quiet.py").write_text("x = 1\n")
    names = ("pipe.py", "none.py", ".", "quiet.py")
    found = [may_have_findings(str(tmp_path / name), Settings()) for name in names]
    assert found == [True, True, True, False]


def test_formats_for_people_are_known_before_they_are_loaded() -> None:
    assert [name for name in format_names() if format_named(name).is_for_people] == [*FOR_PEOPLE]


@pytest.mark.parametrize("arguments", [(), ("--fix",), ("--output-format", "concise"), ("-j", "2")])
def test_a_file_without_the_words_loads_no_rule(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "a.py").write_text("import torch\n")
    script = f"""
import atexit, sys
before = "pathlib" in sys.modules  # what measures coverage loads it
from einlint.cli.main import main

def tell() -> None:
    ours = [name for name in sys.modules if name.startswith("einlint")]
    print(len(ours), not before and "pathlib" in sys.modules)

atexit.register(tell)
sys.argv[1:] = {["a.py", *arguments]}
main()
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    *said, counts = done.stdout.splitlines()
    count, has_paths = counts.split()
    assert (said, done.stderr) == (["All checks passed!"], "")
    assert int(count) < 45, "the rules need over two hundred"
    assert has_paths == "False"
