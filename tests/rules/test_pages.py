"""Every rule's page: its sections, its example and its fix, executed."""

import re
from typing import Any

import pytest

from einlint.diagnostics import Applicability
from einlint.linting.engine import check, fix, read
from einlint.linting.findings import Findings
from einlint.rewriting.assumptions import MEANINGS
from einlint.rulebook.pages import SECTIONS, has_fix, sections, summary
from einlint.rulebook.rule import Rule
from einlint.rulebook.selection import all_rules
from einlint.settings import Settings
from einlint.source.file import SourceFile

RULES = [pytest.param(rule, id=rule.code) for rule in all_rules()]
GRANTED = tuple(MEANINGS)


def code_block(section: str) -> str:
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return str(code)


def result_of(code: str, settings: Settings) -> Findings:
    source = read("example.py", code.encode(), settings)
    return source if isinstance(source, Findings) else check(source, settings)


@pytest.mark.parametrize("rule", RULES)
def test_page_has_all_sections(rule: Rule[Any]) -> None:
    assert tuple(sections(rule.page)) == SECTIONS
    assert all(sections(rule.page).values())
    assert summary(rule.page).endswith(".")


@pytest.mark.parametrize("rule", RULES)
def test_example_is_reported_and_its_replacement_is_not(rule: Rule[Any]) -> None:
    settings = Settings(select=(rule.code,), pedantic=True)
    page = sections(rule.page)
    assert [each.code for each in result_of(code_block(page["Example"]), settings).diagnostics] == [
        rule.code
    ]
    assert not result_of(code_block(page["Use instead"]), settings).diagnostics


@pytest.mark.parametrize("rule", RULES)
def test_fix_of_the_example_is_what_the_page_says(rule: Rule[Any]) -> None:
    settings = Settings(select=(rule.code,), assume=GRANTED, pedantic=True)
    page = sections(rule.page)
    before = code_block(page["Example"])
    found = result_of(before, settings).diagnostics
    if not any(each.fix for each in found):
        assert not has_fix(rule.page)
        return
    assert has_fix(rule.page)
    source = read("example.py", before.encode(), settings)
    assert isinstance(source, SourceFile)
    after = fix(source, settings, Applicability.SAFE).text
    assert after == code_block(page["Use instead"])
    assert_same(executed(before), executed(after))


@pytest.mark.parametrize("rule", RULES)
def test_code_of_the_page_runs(rule: Rule[Any]) -> None:
    page = sections(rule.page)
    executed(code_block(page["Use instead"]))
    example = code_block(page["Example"])
    if rule.severity.value == "error":
        with pytest.raises((RuntimeError, SyntaxError)):
            executed(example)
    else:
        executed(example)


def executed(code: str) -> dict[str, Any]:
    """The tensors that the code assigns."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    names: dict[str, Any] = {}
    exec(compile(code, "example.py", "exec"), names)
    return {name: value for name, value in names.items() if isinstance(value, torch.Tensor)}


def assert_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    assert before.keys() == after.keys()
    for name in before:
        torch.testing.assert_close(before[name], after[name], msg=name)


@pytest.mark.parametrize("rule", RULES)
def test_k19_a_page_with_another_spelling_says_what_rounding_does(rule: Rule[Any]) -> None:
    safety = sections(rule.page)["Fix safety"]
    measured = safety.partition("Rounding: ")[2].replace("\n", " ")
    assert bool(measured) == rule.code.startswith("EIN1")
    assert not measured or "`python benchmarks/rounding.py`" in measured
