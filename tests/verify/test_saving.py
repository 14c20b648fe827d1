"""The sentence that ends verify with a trace."""

import pytest

from einlint.verify.report import (
    Case,
    Mode,
    Recorded,
    Result,
    RewriteResult,
    Saving,
    Speedup,
    Verdict,
)
from einlint.verify.saving import describe, saving_of


def saving(median: float, low: float, high: float, unmeasured: float = 0.0) -> Saving:
    return Saving(6.7, 5.0, unmeasured, Speedup(median, low, high))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            saving(1.2, 0.9, 1.4),
            "The rewrites would save 18 % of the program's einsum time"
            " (1.2 s of 6.7 s recorded; 0.9 to 1.4 s).",
        ),
        (
            saving(-0.12, -0.2, 0.05, 1.5),
            "The rewrites would cost 1.8 % of the program's einsum time"
            " (0.12 s of 6.7 s recorded; -0.05 to 0.2 s)."
            " Another 1.5 s of their calls was not measured.",
        ),
        (
            Saving(0.0067, 0.0, 0.0, Speedup(0, 0, 0)),
            "Nothing of the 6.7 ms recorded in einsum was measured.",
        ),
    ],
)
def test_the_sentence(given: Saving, sentence: str) -> None:
    assert describe(given) == sentence


def result(verdict: Verdict, seconds: float, *ratio: float, mode: Mode = Mode.FORWARD) -> Result:
    case = Case((), "float32", "cpu", mode, recorded=Recorded(1, seconds))
    return Result(case, verdict, speedup=Speedup(*ratio) if ratio else None)


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
    assert (found.recorded, found.measured, found.unmeasured) == (20.0, 5.0, 0.75)
    assert found.saved.median == pytest.approx(2.0 - 1.0)
    assert found.saved.low == pytest.approx(0.0 - 1.5)
    assert found.saved.high == pytest.approx(3.0 - 0.25)
