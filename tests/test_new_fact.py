"""A newcomer adds a kind of fact, which spans several expressions, with two files and no edit."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import LONGEST
from tests.conftest import ROOT

MATCHER = '''"""Pair: two assignments of one number in a module."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from einlint.diagnostics import Description
from einlint.source.finder import Matcher, ParsedFile


@dataclass(frozen=True, slots=True)
class Pair:
    """Where both numbers stand, and the name that the first is bound to."""

    first: tuple[int, int]
    second: tuple[int, int]
    name: str

    @property
    def start(self) -> int:
        return self.first[0]

    @property
    def end(self) -> int:
        return self.first[1]

    @property
    def description(self) -> Description:
        return Description(kind="pair")


def find(parsed: ParsedFile) -> Iterator[Pair]:
    """The pairs of a file."""
    numbers = [each for each in parsed.bound.tree.body if _is_number(each)]
    for one, other in pairwise(numbers):
        if one.value.value == other.value.value:
            extents = map(parsed.lines.extent, (one.value, other.value))
            yield Pair(*extents, one.targets[0].id)


def _is_number(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name()], value=ast.Constant(value=int())):
            return True
    return False


MATCHER = Matcher(Pair, find)
'''
RULE = '''"""Two assignments of one number."""

from collections.abc import Iterator

from einlint.diagnostics import Edit, Fix
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.pair import Pair


def check(pair: Pair, settings: Settings) -> Iterator[Finding]:
    """The first of them, and a fix of both."""
    if pair.name == "broken":
        raise ValueError("no such pair")
    edits = Edit(*pair.first, "int(1)"), Edit(*pair.second, pair.name)
    yield Finding(f"`{pair.name}` is a number that is written twice", Fix("Share it", edits))


RULE = Rule("EIN990", "number-written-twice", Pair, check, page=__doc__ or "")
'''
SOURCE = """import torch

one = 1
x = torch.einsum("i,i->", a, b)
two = 1
"""
FIXED = """import torch

one = int(1)
x = a @ b
two = one
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of the package that has a new kind of fact, and a source."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "einlint", tmp_path / "einlint", ignore=ignored)
    (tmp_path / "einlint/source/facts/pair.py").write_text(MATCHER)
    (tmp_path / "einlint/rules/number_written_twice.py").write_text(RULE)
    (tmp_path / "a.py").write_text(SOURCE)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The copy on a file, as a process of its own."""
    code = "import sys; sys.path.insert(0, '.'); from einlint.cli.main import main; main()"
    command = [sys.executable, "-c", code, "--isolated", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST)


def test_it_is_reported_with_all_its_edits(copy: Path) -> None:
    pair, call = json.loads(run(copy, "--output-format", "json", "a.py").stdout)
    assert (pair["code"], pair["kind"], pair["api"]) == ("EIN990", "pair", None)
    assert (pair["location"], pair["end_location"]) == (
        {"row": 3, "column": 7},
        {"row": 3, "column": 8},
    )
    edits = [(each["location"]["row"], each["content"]) for each in pair["fix"]["edits"]]
    assert edits == [(3, "int(1)"), (5, "one")]
    assert call["code"] == "EIN101"


def test_it_is_fixed_together_with_what_stands_between(copy: Path) -> None:
    done = run(copy, "--fix", "a.py")
    assert (done.returncode, (copy / "a.py").read_text()) == (0, FIXED), done.stderr


@pytest.mark.parametrize("position", [3, 5])
def test_a_comment_at_its_first_expression_silences_it(copy: Path, position: int) -> None:
    lines = SOURCE.splitlines()
    lines[position - 1] += "  # noqa: EIN990"
    (copy / "a.py").write_text("\n".join(lines))
    found = json.loads(run(copy, "--output-format", "json", "a.py").stdout)
    assert [each["code"] for each in found] == ["EIN990"] * (position == 5) + ["EIN101"]


def test_a_rule_that_fails_is_named_with_its_place(copy: Path) -> None:
    (copy / "a.py").write_text(SOURCE.replace("one", "broken"))
    done = run(copy, "a.py")
    assert done.returncode == 2
    assert "EIN990 (number-written-twice) failed at a.py:3:10: ValueError" in done.stderr


def test_no_fix_spans_cells(copy: Path) -> None:
    cells = [{"cell_type": "code", "source": each} for each in SOURCE.split("\n\n")]
    cells += [{"cell_type": "code", "source": "three = 1"}]
    (copy / "a.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    found = json.loads(run(copy, "--output-format", "json", "a.ipynb").stdout)
    within, across = [each for each in found if each["code"] == "EIN990"]
    assert (within["cell"], len(within["fix"]["edits"]), within["notes"]) == (2, 2, [])
    assert (across["cell"], across["fix"]["edits"]) == (2, [])
    assert across["notes"] == ["no fix: it would change several cells at once"]
    assert run(copy, "--fix", "a.ipynb").returncode == 0
    after = json.loads((copy / "a.ipynb").read_text())["cells"]
    assert [each["source"] for each in after] == [*FIXED.split("\n\n"), "three = 1"]
