"""What a report says of a busy machine, in text."""

from dataclasses import replace

import pytest

from einlint.verify.formats.text import FORMAT
from einlint.verify.provenance import noise
from einlint.verify.report import CandidateResult, Speedup, Spread, Verdict, VerifyReport
from einlint.verify.timing import Clock
from tests.verify.test_page import RIGHT, a_report, side, timed

BY_CPU = replace(
    timed(8, 7.0),
    original=replace(side(9e-6, 5), cpu_seconds=Spread(7e-6, 1e-7, 7e-6)),
    replacement=replace(side(2e-6, 2), cpu_seconds=Spread(1e-6, 1e-7, 1e-6)),
    clock=Clock.CPU,
    wall_speedup=Speedup(12.0, 3.0, 55.0),
)


def report(*cases: object, **environment: float | str | None) -> VerifyReport:
    found = a_report(*cases)  # type: ignore[arg-type]
    return replace(found, environment=tuple(environment.items()))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (report(timed(8, 2.0), busy=0.012), "other programs took 1 % of the time"),
        (
            report(BY_CPU, busy=0.48),
            "the machine was busy: other programs took 48 % of the time; "
            "the ratios are of CPU time",
        ),
        (
            report(BY_CPU, timed(9, 2.0), busy=0.04),
            "other programs took 4 % of the time; 1 of 2 ratios are of CPU time",
        ),
        (
            report(timed(8, 2.0), busy=0.5, threads=4, device="cpu"),
            "the machine was busy: other programs took 50 % of the time; "
            "the ratios are of wall time, which is noisy then; try --threads 1",
        ),
        (
            report(timed(8, 2.0), busy=0.5, threads=4, device="cuda"),
            "the machine was busy: other programs took 50 % of the time; "
            "the ratios are of wall time, which is noisy then",
        ),
        (report(timed(8, 2.0), busy=None), None),
        (report(busy=0.5), None),
    ],
)
def test_a_busy_machine_is_told(found: VerifyReport, expected: str | None) -> None:
    assert noise(found) == expected


def test_beside_the_ratio_that_counts_stands_the_one_by_the_wall_clock() -> None:
    text = FORMAT.render(report(BY_CPU, timed(9, 2.0), busy=0.48))
    rows = [line.split() for line in text.splitlines() if "float32  cpu" in line]
    assert rows[0][6:12] == ["7.00", "6.30", "to", "7.70", "cpu", "12.00"]
    assert rows[0][12:17] == ["7", "us", ">", "1", "us"]
    assert rows[1][10:12] == ["wall", "-"]


def test_a_quiet_machine_has_one_clock() -> None:
    text = FORMAT.render(report(timed(9, 2.0), busy=0.0))
    assert "by wall clock" not in text


def test_other_spellings_are_ranked() -> None:
    def candidate(text: str, ratio: float | None) -> CandidateResult:
        speedup = None if ratio is None else Speedup(ratio, ratio, ratio)
        verdict = Verdict.WRONG if ratio is None else Verdict.FASTER
        note = "another shape" if ratio is None else None
        return CandidateResult(text, verdict, RIGHT, speedup, side(1e-6, 1), note)

    found = (candidate("one", 2.0), candidate("bad", None), candidate("two", 3.0))
    text = FORMAT.render(report(replace(timed(8, 2.0), candidates=found), busy=0.0))
    lines = text.splitlines()
    start = lines.index("  other spellings at i=8 j=8 float32 forward:")
    assert [line.split()[:3] for line in lines[start + 1 : start + 4]] == [
        ["1.", "two", "3.00"],
        ["2.", "one", "2.00"],
        ["-", "bad", "-"],
    ]
    assert lines[start + 3].endswith("wrong: another shape")
