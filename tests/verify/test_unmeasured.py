"""What a trace holds and a report does not measure: the reasons that arise while cases run."""

from dataclasses import replace

import pytest

from einlint.linting.trace_index import TraceIndex
from einlint.verify.case import Case, Mode, Occurrence, Recorded
from einlint.verify.report import Result, RewriteResult, Verdict, VerifyReport
from einlint.verify.unmeasured import Coverage, unmeasured_of
from tests.verify.jobs import rewrite

SIZES = (("i", 3),)
COVERAGE = Coverage(TraceIndex({}, 8.0), {}, (), ())


def case(mode: Mode = Mode.FORWARD, size: int = 3) -> Case:
    return Case((("i", size),), "float32", "cpu", mode)


@pytest.mark.parametrize(
    ("results", "interrupted", "reason"),
    [
        ((), False, "the budget was spent"),
        ((), True, "the run was interrupted"),
        ((Result(case(), Verdict.UNSURE, note="out of memory"),), False, "out of memory"),
        ((Result(case(size=4), Verdict.WRONG),), False, "the replacement is wrong"),
        ((Result(case(size=4), Verdict.UNSURE, note="other"),), False, "the budget was spent"),
    ],
)
def test_why_a_recorded_case_has_no_numbers(
    results: tuple[Result, ...], interrupted: bool, reason: str
) -> None:
    found = replace(
        rewrite("i,i->", "a @ b"),
        occurrences=(Occurrence(SIZES, None, "float32", Recorded(5, 2.0)),),
    )
    result = RewriteResult("i,i->", "", "", (), results)
    (left,) = unmeasured_of(COVERAGE, (found,), VerifyReport((), (result,), (), interrupted))
    assert (left.reason, left.equation, left.seconds, left.share) == (reason, "i,i->", 2.0, 0.25)
