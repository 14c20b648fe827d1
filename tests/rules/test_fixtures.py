"""fixtures/rules and fixtures/source: expectations on the line, and what --fix makes of each file.

A comment `# EIN105` at the end of the line on which a call starts says that this code is
reported there; several codes are separated by spaces. A fixture in `rules/<pattern>/` is checked
with the rule of that file and with those that its comments name, one in `source/` with all
rules of CODES. `tests/expectations.py` says what may stand on top of a fixture.
`<name>.fixed.py` beside a file is the result of plain --fix, `<name>.unsafe.py` of
--unsafe-fixes too, where no replacement is slower.
"""

import ast
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from einlint.diagnostics import Applicability
from einlint.discovery import member, module_names
from einlint.linting.engine import check, fix, read
from einlint.rewriting.assumptions import NOT_SLOWER
from einlint.rulebook.rule import Rule
from einlint.settings import Settings
from einlint.source.file import SourceFile
from tests.conftest import ROOT, Golden
from tests.expectations import CODES, differences, expected_in, settings_in

FIXTURES = ROOT / "fixtures"
SOURCES = sorted(
    path
    for folder in ("rules", "source")
    for path in (FIXTURES / folder).rglob("*.py")
    if not path.name.endswith((".fixed.py", ".unsafe.py"))
)
CASES = [pytest.param(path, id=path.relative_to(FIXTURES).as_posix()) for path in SOURCES]


def settings_of(path: Path, text: str) -> Settings:
    return settings_in(text, own_codes(path.relative_to(FIXTURES)))


def own_codes(path: Path) -> Iterable[str]:
    """The codes that a fixture is checked with, whatever it says itself."""
    if path.parts[0] == "source":
        return CODES
    return [member("einlint.rules", path.parts[1], Rule).code]


def source_of(path: Path) -> SourceFile:
    source = read(path.name, path.read_bytes(), Settings())
    assert isinstance(source, SourceFile), "a fixture calls einsum"
    return source


@pytest.mark.parametrize("path", CASES)
def test_findings_are_those_on_the_lines(path: Path) -> None:
    source = source_of(path)
    findings = check(source, settings_of(path, source.text))
    found = [(findings.place(each).start.row, each.code) for each in findings.diagnostics]
    assert not (wrong := differences(path.relative_to(ROOT), source.text, found)), wrong


@pytest.mark.parametrize("path", CASES)
@pytest.mark.parametrize(
    ("suffix", "threshold"),
    [(".fixed.py", Applicability.SAFE), (".unsafe.py", Applicability.UNSAFE)],
)
def test_fixed_file_is_the_golden_one(
    path: Path, suffix: str, threshold: Applicability, golden: Golden
) -> None:
    source = source_of(path)
    settings = settings_of(path, source.text)
    safe = fix(source, settings, Applicability.SAFE).text
    if threshold is Applicability.UNSAFE:
        settings = replace(settings, extend_assume=(NOT_SLOWER,))
    result = fix(source, settings, threshold)
    ast.parse(result.text)
    is_idle = result.text in (source.text, safe if threshold is Applicability.UNSAFE else None)
    target = path.with_suffix(suffix)
    if is_idle:
        golden.check_absent(target)
        return
    golden.check(target, result.text)
    again = SourceFile(path.name, result.text)
    assert fix(again, settings, threshold).text == result.text


# A file that cannot be read cannot carry an expectation.
@pytest.mark.parametrize("name", sorted({*module_names("einlint.rules")} - {"unparsable"}))
def test_every_rule_has_a_fixture_that_it_reports(name: str) -> None:
    code = member("einlint.rules", name, Rule).code
    texts = [path.read_text() for path in (FIXTURES / "rules" / name).glob("*.py")]
    expected = {code for text in texts for _, code in expected_in(text)}
    assert code in expected, f"write fixtures/rules/{name}/basic.py"
