"""Each planted fault is caught, or is named in docs as not looked for."""

from pathlib import Path

import pytest
import torch

from einlint.verify.case_sizes import Sizing, case_sizes
from einlint.verify.running.correctness import compare_sides
from einlint.verify.running.pair_operands import ComparisonInputs
from einlint.verify.running.probe import find_right_reading
from einlint.verify.running.tensors import shapes_of
from tests.conftest import Golden
from tests.verify.jobs import rewrite
from tests.verify.planted_faults import CAUGHT, NOT_LOOKED_FOR, PLANTED, PlantedFault

DOCS = Path(__file__).parents[2] / "docs" / "explanation" / "planted_faults.md"
CPU = torch.device("cpu")


def fault_of(planted: PlantedFault) -> str | None:
    """What verify says: of small operands first, then of a case in two dtypes."""
    one = rewrite(planted.equation, planted.replacement, original=planted.original)
    small = find_right_reading(one)[1]
    if small is not None:
        return small.text
    (case,) = case_sizes(one.pair.equation, (), Sizing(("small",))).cases
    shapes = shapes_of(one.pair.equation, dict(case.sizes))
    for dtype in (torch.float32, torch.bfloat16):
        inputs = ComparisonInputs(shapes, dtype, CPU, CPU)
        if fault := compare_sides(one, planted.replacement, inputs).fault:
            return fault
    return None


@pytest.mark.parametrize("planted", CAUGHT, ids=lambda each: each.wrong)
def test_a_fault_is_caught_for_what_it_is(planted: PlantedFault) -> None:
    assert planted.said is not None
    assert planted.said in (fault_of(planted) or "")


@pytest.mark.parametrize("planted", NOT_LOOKED_FOR, ids=lambda each: each.wrong)
def test_what_is_not_looked_for_is_not_found_either(planted: PlantedFault) -> None:
    """Else the page says too little."""
    assert planted.reason
    assert fault_of(planted) is None


def test_a_threshold_is_found_by_a_case_beyond_it() -> None:
    """As the page promises."""
    (beyond,) = (each for each in NOT_LOOKED_FOR if "4096" in each.replacement)
    inputs = ComparisonInputs(((8192, 2), (2, 2)), torch.float32, CPU, CPU)
    one = rewrite(beyond.equation, beyond.replacement)
    assert compare_sides(one, beyond.replacement, inputs).fault == "other values, other gradients"


def test_the_page_lists_them_all(golden: Golden) -> None:
    assert len(PLANTED) >= 60
    assert len({(each.equation, each.replacement, each.wrong) for each in PLANTED}) == len(PLANTED)
    golden.check(DOCS, page())


def page() -> str:
    """The page about planted faults."""
    caught = [
        f"| {_code(each.original or each.equation)} | {_code(each.replacement)} | {each.wrong}"
        f" | {each.said} |"
        for each in CAUGHT
    ]
    unseen = [
        f"| {_code(each.equation)} | {_code(each.replacement)} | {each.wrong} | {each.reason} |"
        for each in NOT_LOOKED_FOR
    ]
    return "\n".join(
        (
            *_INTRODUCTION.format(caught=len(caught), unseen=len(unseen)).splitlines(),
            *("", "## Caught", ""),
            *("| call | replacement | what is wrong | what verify says, in part |",),
            *("|---|---|---|---|", *caught),
            *("", "## Not looked for", ""),
            *("| call | replacement | what is wrong | why |", "|---|---|---|---|", *unseen),
            "",
        )
    )


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


_INTRODUCTION = """\
# Planted faults

What `einlint verify` finds when a replacement is wrong. {caught} wrong replacements are caught, and
{unseen} are not looked for, each for a reason. `pytest -n 0 tests/verify/test_planted_faults.py`
runs them all; with `--regenerate` it writes this page from the table in
`tests/verify/planted_faults.py`.

Before anything is measured, a replacement is tested on small operands: nine dtypes, sizes 0 and 1,
two sizes of 1 at once, equal sizes, an ellipsis of 0, 1 and 2 axes, operands that are transposed,
strided, expanded or broadcast, two dtypes, not-a-number, infinity, large and tiny numbers, integers
that wrap around. There values, gradients and (in float64) second derivatives must be equal bit by
bit. Then sums of 1,024 products are compared with float64. In bfloat16 and float16 the unit is one
rounding of the exact result: the error of a sum that is accumulated in float32. Five are allowed,
or twice those of the original if it needs more. At the sizes of each case both sides are run again.

The other direction: `python benchmarks/right_cases.py` compares 3,000 right replacements, in nine
dtypes and at random sizes, and counts those that are called wrong. It found none.
"""
