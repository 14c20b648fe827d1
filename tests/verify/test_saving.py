"""The sentence that ends verify with a trace."""

from dataclasses import replace

import pytest

from einlint.verify.case import Case, Mode, Recorded
from einlint.verify.report import (
    Difference,
    Measurement,
    Result,
    RewriteResult,
    Saving,
    Speedup,
    Spread,
    Verdict,
)
from einlint.verify.saving import describe, saving_of, warnings


def saving(
    median: float, low: float, high: float, measured: float = 6.7, *differences: Difference
) -> Saving:
    return Saving(6.7, measured, Speedup(median, low, high), differences)


CASE = Case((("i", 3),), "float32", "cpu", Mode.FORWARD)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            saving(1.2, 0.9, 1.4),
            "The rewrites would save 18 % of the program's einsum time"
            " (1.2 s of 6.7 s recorded; 0.9 to 1.4 s).",
        ),
        (
            saving(-0.12, -0.2, 0.05, 5.2),
            "The rewrites would cost 1.8 % of the program's einsum time"
            " (0.12 s of 6.7 s recorded; -0.05 to 0.2 s)."
            " 1.5 s of it was not measured.",
        ),
        (
            saving(0.0012, 0.001, 0.0014, 5.2, Difference("i->", CASE, 2.0, 0.5)),
            "The rewrites would save 1.2 ms (1 to 1.4 ms) by the times measured here;"
            " the program's differ: its einsum calls took 6.7 s. 1.5 s of it was not measured.",
        ),
        (
            Saving(0.0067, 0.0, Speedup(0, 0, 0)),
            "Nothing of the 6.7 ms recorded in einsum was measured.",
        ),
    ],
)
def test_the_sentence(given: Saving, sentence: str) -> None:
    assert describe(given) == sentence


def side(mean: float) -> Measurement:
    """A median that is not the mean."""
    return Measurement(Spread(mean / 2, 0.0, mean), None, 1, None)


def result(verdict: Verdict, seconds: float, *ratio: float, mode: Mode = Mode.FORWARD) -> Result:
    """A case of ten calls that take as long here as they did in the program."""
    case = Case((), "float32", "cpu", mode, recorded=Recorded(10, seconds))
    if not ratio:
        return Result(case, verdict)
    sides = side(seconds / 10), side(seconds / 10 / ratio[0])
    return Result(case, verdict, None, Speedup(*ratio), *sides)


def rewrite(*cases: Result, left: tuple[Case, ...] = ()) -> RewriteResult:
    return RewriteResult("i,i->", "", "", (), cases, left)


def test_forward_cases_of_right_rewrites_count() -> None:
    found = saving_of(
        (
            rewrite(
                result(Verdict.FASTER, 4.0, 2.0, 1.0, 4.0),
                result(Verdict.FASTER, 4.0, 9.0, 9.0, 9.0, mode=Mode.BACKWARD),
                result(Verdict.UNSURE, 0.5),
                left=(result(Verdict.SAME, 0.25).case,),
            ),
            rewrite(result(Verdict.SLOWER, 1.0, 0.5, 0.4, 0.8)),
            rewrite(result(Verdict.FASTER, 9.0, 2.0, 2.0, 2.0), result(Verdict.WRONG, 1.0)),
        ),
        20.0,
    )
    assert (found.recorded, found.measured, found.unmeasured) == (20.0, 5.0, 15.0)
    assert found.saved.median == pytest.approx(2.0 - 1.0)
    assert found.saved.low == pytest.approx(0.0 - 1.5)
    assert found.saved.high == pytest.approx(3.0 - 0.25)
    assert found.differences == ()


@pytest.mark.parametrize(
    ("recorded", "differs"),
    [
        (Recorded(10, 10.0), False),
        (Recorded(10, 19.9), False),
        (Recorded(10, 20.1), True),
        (Recorded(10, 4.9), True),
        (Recorded(11, 40.0, 1, 30.0), False),
        (Recorded(2, 90.0, 2, 90.0), False),
    ],
)
def test_a_call_that_took_another_time_is_named(recorded: Recorded, differs: bool) -> None:
    """First calls do not count: they are slower wherever a program runs."""
    case = replace(CASE, recorded=recorded)
    timed = Result(case, Verdict.FASTER, None, Speedup(2, 2, 2), side(1.0), side(0.5))
    found = saving_of((rewrite(timed),), 99.0)
    assert found.saved.median == pytest.approx(recorded.calls * 0.5)
    assert [each.measured for each in found.differences] == [1.0] * differs
    said = "warning: `i,i->` at i=3 float32: a call took "
    assert [text.startswith(said) for text in warnings(found)] == [True] * differs
