"""Fixes of attention compute what the code did; the proof refuses whatever computes something else.

The functions are those of `benchmarks/attention_fixes.py`, which runs more of them.
"""

import random
from types import ModuleType

import pytest
import torch

from einlint import Settings
from einlint.diagnostics import Edit
from einlint.linting.engine import check
from einlint.source.file import SourceFile
from tests.conftest import ROOT

FUNCTIONS, LOOKALIKES, MUTANTS = 60, 60, 150


@pytest.fixture
def fixes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import attention_fixes

    assert isinstance(attention_fixes, ModuleType)
    return attention_fixes


def test_written_fixes_compute_the_same_and_blocked_functions_are_left_alone(
    fixes: ModuleType,
) -> None:
    draw = random.Random(11)
    torch.manual_seed(0)
    made = [fixes.attention(draw) for _ in range(FUNCTIONS)]
    said = [fixes.judged(each) for each in made]
    assert {*said} == {"fixed and equal", "blocked as meant"}
    assert said.count("fixed and equal") > FUNCTIONS / 3
    assert [bool(each.block) for each in made] == [each == "blocked as meant" for each in said]


def test_fixes_for_a_torch_without_scale_compute_the_same(
    fixes: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(select=("EIN202",), pedantic=True, torch_version="2.0")
    monkeypatch.setattr(fixes, "SETTINGS", settings)
    draw = random.Random(15)
    said = [fixes.judged(fixes.attention(draw)) for _ in range(FUNCTIONS // 3)]
    assert "fixed and different" not in said
    assert "wrongly fixed" not in said
    assert said.count("fixed and equal") > FUNCTIONS / 12


def test_lookalikes_have_no_finding(fixes: ModuleType) -> None:
    draw = random.Random(12)
    for text in [fixes.lookalike(draw) for _ in range(LOOKALIKES)]:
        assert not check(SourceFile("a.py", text), fixes.SETTINGS).diagnostics, text


def test_mutants_of_written_fixes_are_refused(fixes: ModuleType) -> None:
    draw = random.Random(13)
    fixable = (made for made in iter(lambda: fixes.attention(draw), None) if not made.block)
    count = 0
    while count < MUTANTS:
        for edits, attention in fixes.mutated(next(fixable)):
            count += 1
            assert not attention.is_proved(edits), fixes.spliced(
                attention.parsed.source.text, edits
            )


def test_that_test_sees_a_proof_and_a_difference(fixes: ModuleType) -> None:
    draw = random.Random(14)
    made = next(made for made in iter(lambda: fixes.attention(draw), None) if not made.block)
    *_, (_, attention) = fixes.mutated(made)
    replacement = attention.replacement(may_group=True)
    assert attention.is_proved(replacement.edits)
    assert fixes.are_equal(made, made.text)
    changed = made.text.replace("    return ", "    return 2 * ")
    assert not fixes.are_equal(made, changed)
    assert not attention.is_proved((Edit(0, 0, "import os\nimport sys\n"),))
