"""fixtures/rules and fixtures/source: expectations on the line, and what --fix makes of each file.

A comment `# EIN105` at the end of the row on which a call starts says that this code is
reported there under `--select ALL`, EIN301 excepted; several codes are separated by spaces.
`<name>.fixed.py` beside a file is the result of plain --fix, `<name>.unsafe.py` of
--unsafe-fixes too. A file that starts with `# assume: ...` is checked with these assumptions.
"""

import ast
import re
from pathlib import Path

import pytest

from einlint.diagnostics import Applicability
from einlint.linting.engine import check, fix, read
from einlint.rulebook.selection import all_rules
from einlint.settings import Settings
from einlint.source.file import SourceFile
from tests.conftest import ROOT, Golden

FIXTURES = ROOT / "fixtures"
SOURCES = sorted(
    path
    for folder in ("rules", "source")
    for path in (FIXTURES / folder).rglob("*.py")
    if not path.name.endswith((".fixed.py", ".unsafe.py"))
)
EXPECTATION = re.compile(r"#((?: EIN\d{3})+)\s*$")
CASES = [pytest.param(path, id=path.relative_to(FIXTURES).as_posix()) for path in SOURCES]


def settings_of(text: str) -> Settings:
    first = text.partition("\n")[0]
    if not first.startswith("# assume:"):
        return Settings(select=("ALL",), ignore=("EIN301",))
    names = tuple(name.strip() for name in first.removeprefix("# assume:").split(","))
    return Settings(select=("ALL",), ignore=("EIN301",), assume=names)


def source_of(path: Path) -> SourceFile:
    source = read(path.name, path.read_bytes(), Settings())
    assert isinstance(source, SourceFile), "a fixture calls einsum"
    return source


@pytest.mark.parametrize("path", CASES)
def test_findings_are_those_on_the_lines(path: Path) -> None:
    source = source_of(path)
    expected = [
        (row, code)
        for row, line in enumerate(source.text.split("\n"), 1)
        for match in [EXPECTATION.search(line)]
        if match
        for code in match[1].split()
    ]
    found = check(source, settings_of(source.text))
    rows = ((found.place(each).start.row, each.code) for each in found.diagnostics)
    assert sorted(rows) == sorted(expected)


@pytest.mark.parametrize("path", CASES)
@pytest.mark.parametrize(
    ("suffix", "threshold"),
    [(".fixed.py", Applicability.SAFE), (".unsafe.py", Applicability.UNSAFE)],
)
def test_fixed_file_is_the_golden_one(
    path: Path, suffix: str, threshold: Applicability, golden: Golden
) -> None:
    source = source_of(path)
    settings = settings_of(source.text)
    result = fix(source, settings, threshold)
    ast.parse(result.text)
    safe = fix(source, settings, Applicability.SAFE).text
    is_idle = result.text in (source.text, safe if threshold is Applicability.UNSAFE else None)
    target = path.with_suffix(suffix)
    if is_idle:
        golden.check_absent(target)
        return
    golden.check(target, result.text)
    again = SourceFile(path.name, result.text)
    assert fix(again, settings, threshold).text == result.text


@pytest.mark.parametrize("code", [rule.code for rule in all_rules() if not rule.is_last_resort])
def test_every_rule_has_a_fixture(code: str) -> None:
    if code == "EIN000":
        return  # a file that cannot be parsed cannot carry an expectation
    assert any(code in path.read_text() for path in SOURCES)
