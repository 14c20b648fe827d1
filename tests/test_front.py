"""Which files are read at all: decided by bytes before rules are loaded, and as they decide."""

import json
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
from tests.cli.run import SOURCE
from tests.conftest import ROOT, Golden

WORDS = ROOT / "einlint/linting/default_words.py"
EXCLUDES = ROOT / "einlint/project/default_excludes.py"
HEAD_OF_EXCLUDES = '''"""The names of files and folders left out by default; a test writes this."""

NAMES = frozenset(
    {
'''
HEAD = '''"""The words of what the default rules judge, besides einsum; a test writes this."""

GROUPS: tuple[tuple[tuple[bytes, ...], ...], ...] = (
'''


def test_the_words_of_the_default_rules_are_fresh(golden: Golden) -> None:
    facts = [tuple(tuple(map(str.encode, group)) for group in each) for each in _words(Settings())]
    lines = "".join(f"    {_spelled(each)},\n" for each in facts)
    golden.check(WORDS, f"{HEAD}{lines})\n")


def test_the_default_excludes_are_fresh(golden: Golden) -> None:
    names = "".join(f'        "{name}",\n' for name in Settings().exclude)
    golden.check(EXCLUDES, f"{HEAD_OF_EXCLUDES}{names}    }}\n)\n")


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
    said, loaded = reported(tmp_path, "a.py", *arguments)
    assert said == ["All checks passed!"]
    assert loaded["modules"] < 45, "the rules need over two hundred"
    assert not loaded["others"]


def test_a_report_on_one_call_makes_few_dataclasses(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    said, loaded = reported(tmp_path, "a.py")
    assert any("EIN10" in line for line in said)
    assert loaded["dataclasses"] < 60, "Python makes a named tuple in a fifth of the time"
    assert not loaded["others"]


SLOW = ("pathlib", "signal", "string")
"""Modules whose import takes as long as that of a tenth of einlint, or more."""


def reported(folder: Path, *arguments: str) -> tuple[list[str], dict[str, int]]:
    """What a run of its own prints, and how much it loads; of SLOW what nobody loads before it."""
    script = f"""
import atexit, json, sys
before = set(sys.modules)  # what measures coverage loads much
from einlint.cli.main import main

def tell() -> None:
    ours = [module for name, module in sys.modules.items() if name.startswith("einlint")]
    values = [value for module in ours for value in vars(module).values()]
    made = {{each for each in values if "__dataclass_params__" in getattr(each, "__dict__", {{}})}}
    others = len({{*{SLOW}}} & (set(sys.modules) - before))
    print(json.dumps({{"modules": len(ours), "dataclasses": len(made), "others": others}}))

atexit.register(tell)
sys.argv[1:] = {list(arguments)}
main()
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.stderr == ""
    *said, loaded = done.stdout.splitlines()
    return said, json.loads(loaded)
