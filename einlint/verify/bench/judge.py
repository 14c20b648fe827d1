"""From the results of a run to the report: rank the candidates of each point, and name the best.

A run times einsum twice, once as the original and once in place of its replacement. So its ratio to
itself is known as it was measured, beside the ratios that count.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from einlint.algebra.equation import Subscripts
from einlint.verify.bench.report import BenchEquation, BenchReport, Point, Series
from einlint.verify.report import (
    CandidateResult,
    Measurement,
    Result,
    RewriteResult,
    Speedup,
    Verdict,
    VerifyReport,
)
from einlint.verify.timing import Clock
from einlint.verify.verdict import speedup_of, verdict_of

_NOT_RUN = "not run: the budget was spent"
_STOPPED = "not run: interrupted"


def bench_report(report: VerifyReport, swept: Sequence[Subscripts]) -> BenchReport:
    """The report of bench from that of its job. swept: the swept indices of every equation."""
    left = _STOPPED if report.interrupted else _NOT_RUN
    equations = tuple(
        BenchEquation(each.equation, tuple(_series(each, labels, left)))
        for each, labels in zip(report.results, swept, strict=True)
    )
    return BenchReport(report.environment, equations, report.interrupted)


def _series(result: RewriteResult, swept: Subscripts, left: str) -> Iterator[Series]:
    """One for each dtype and mode, in the order of the results."""
    points = [_point(each, result.original) for each in result.cases]
    points += [Point(case, (), None, left) for case in result.not_run]
    for key in dict.fromkeys(map(_key, points)):
        series = Series(swept, tuple(point for point in points if _key(point) == key))
        yield replace(series, points=tuple(sorted(series.points, key=series.size)))


def _key(point: Point) -> tuple[str, str]:
    return point.case.dtype, point.case.mode.value


def _point(result: Result, original: str) -> Point:
    if result.original is None or result.speedup is None:
        return Point(result.case, (), None, result.note or "too few visits for an interval")
    same = Speedup(1.0, 1.0, 1.0)
    einsum = CandidateResult(original, Verdict.SAME, result.comparison, same, result.original)
    candidates = (einsum, *result.candidates)
    best = best_of(candidates, result.replacement, result.clock)
    control = result.speedup.low, result.speedup.high
    return Point(result.case, candidates, best, None, control)


def best_of(candidates: Sequence[CandidateResult], again: Measurement | None, clock: Clock) -> str:
    """The text of the fastest candidate that is surely faster than all that come before it.

    Where none surely beats einsum, it is einsum; where several do and are equally fast, the
    simplest of them.

    Args:
        candidates: einsum, which was measured, and the others, the simplest first.
        again: einsum once more; who is faster than einsum is faster than this, too.
        clock: whose ratios count.
    """
    timed = [each for each in candidates if each.measurement is not None and each.speedup]
    fastest = max(timed, key=lambda each: each.speedup.median if each.speedup else 0.0)
    if not _beats(fastest, again, clock):
        return timed[0].text
    for each in timed:
        if each is fastest or not _beats(fastest, each.measurement, clock):
            return each.text
    return fastest.text


def _beats(one: CandidateResult, other: Measurement | None, clock: Clock) -> bool:
    """Whether a candidate is surely faster than another side, measured in the same rounds."""
    if one.measurement is None or other is None:
        return False
    ratio = speedup_of(other.samples, one.measurement.samples, clock)
    return verdict_of(ratio) is Verdict.FASTER
