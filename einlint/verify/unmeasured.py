"""What a trace holds and a report does not measure: with the reason, and the share of the time.

These shares and that of the measured part sum to 1.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from einlint.linting.trace_index import TraceIndex
from einlint.trace.store import Row, Site
from einlint.verify.case import Occurrence
from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.recorded import RAISED
from einlint.verify.report import RewriteResult, Unmeasured, Verdict, VerifyReport
from einlint.verify.saving import case_key, is_wrong, timed_cases

_API: Final = "torch.einsum"
_Part: TypeAlias = tuple[str, str | None, float]
"""Reason, equation and seconds."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a run of verify made of the lines of a trace.

    judged: by the identity of a line, why it cannot be measured; None if it can.
    checked: the real paths of the files that were checked.
    changed: the recorded calls that are no longer in the source.
    """

    trace: TraceIndex
    judged: Mapping[int, str | None]
    checked: Collection[str]
    changed: Collection[Site]


def unmeasured_of(
    coverage: Coverage, rewrites: Iterable[FoundRewrite], report: VerifyReport
) -> tuple[Unmeasured, ...]:
    """All that was not measured, most expensive first; equal reasons and equations are added up.

    rewrites: those of the results in the report, in the same order.
    """
    sums: defaultdict[tuple[str, str | None], float] = defaultdict(float)
    parts = [*_before_the_run(coverage)]
    for rewrite, result in zip(rewrites, report.results, strict=True):
        if rewrite.pair.attention is None:  # its calls are rewrites of their own
            parts += _in_the_run(rewrite.occurrences, result, report.interrupted)
    for reason, equation, seconds in parts:
        sums[reason, equation] += seconds
    total = coverage.trace.total_seconds
    found = (
        Unmeasured(reason, equation, seconds, seconds / total if total else 0.0)
        for (reason, equation), seconds in sums.items()
    )
    return tuple(sorted(found, key=lambda each: -each.seconds))


def _before_the_run(coverage: Coverage) -> Iterator[_Part]:
    if coverage.trace.failures:
        yield "the calls could not be recorded", None, 0.0
    for row in coverage.trace.rows:
        equation = None if row.signature is None else row.signature.equation
        if row.raised:
            yield RAISED, equation, row.raised_seconds
        reason = _obstacle(row, coverage)
        if reason is not None and (row.calls or row.seconds):
            yield reason, equation, row.seconds


def _obstacle(row: Row, coverage: Coverage) -> str | None:
    """Why a line is not measured; None if it is to be."""
    if id(row) in coverage.judged:
        return coverage.judged[id(row)]
    site = row.site
    if site is None:
        return "too many call sites: the trace does not have the place"
    if row.signature is not None and row.signature.api != _API:
        return f"it is a call of {row.signature.api}"
    if site.digest is None or not site.column:
        return "its source is unknown"
    if site.filename not in coverage.checked:
        return "its file was not checked"
    if site in coverage.changed:
        return "the call has changed since the trace"
    return "no fix is offered for the call"


def _in_the_run(
    occurrences: Sequence[Occurrence], result: RewriteResult, interrupted: bool
) -> Iterator[_Part]:
    timed = {case_key(each.case) for each in timed_cases(result)}
    notes = {
        case_key(each.case): each.note or each.verdict.value
        for each in result.cases
        if each.speedup is None and each.verdict is not Verdict.WRONG
    }
    for each in occurrences:
        key, recorded = (each.sizes, each.shapes, each.dtype), each.recorded
        if is_wrong(result):
            yield "the replacement is wrong", result.equation, recorded.seconds
        elif key not in timed:
            left = "the run was interrupted" if interrupted else "the budget was spent"
            yield notes.get(key, left), result.equation, recorded.seconds
        elif recorded.first_calls:
            cold = recorded.seconds - recorded.warm_seconds
            yield "first calls in a process (cold start)", result.equation, cold
