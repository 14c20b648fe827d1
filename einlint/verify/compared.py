"""What became faster or slower since an old report: times of both sides, verdicts, cases.

A time of now and one of then are from two runs: programs lie elsewhere in memory, the clock rate is
another one. So a change counts only if the whole interval of old / new lies beyond RUN_MARGIN.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from einlint.verify.case import Case
from einlint.verify.old_report import OldCase, OldReport, key_of
from einlint.verify.quantities import shapes_text
from einlint.verify.report import BUSY_SHARE, Result, RewriteResult, Speedup, Verdict, VerifyReport
from einlint.verify.timing import Clock, Samples
from einlint.verify.verdict import interval_of, mean_seconds, speedup_of, verdict_of

RUN_MARGIN: Final = 1.2
"""Between two runs, factors from 1 / RUN_MARGIN to RUN_MARGIN count as no change."""

_BAD: Final = (Verdict.WRONG, Verdict.SLOWER)


class Change(StrEnum):
    """What became of a case."""

    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"
    UNSURE = "unsure"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ComparedCase:
    """A case, then and now.

    name: the equation and what it was run with. change: SLOWER if a side surely takes longer, or
    the verdict turned to wrong or slower. before, after: the verdicts; None if it was not run.
    original, replacement: old seconds / new seconds. ratio: new speed-up / old one. None where not
    both runs have a time that can be believed.
    """

    name: str
    change: Change
    before: Verdict | None
    after: Verdict | None
    original: Speedup | None = None
    replacement: Speedup | None = None
    ratio: Speedup | None = None

    @property
    def is_turned(self) -> bool:
        """Whether the verdict became wrong or slower."""
        return self.before is not None and self.after in _BAD and self.before is not self.after


@dataclass(frozen=True, slots=True)
class Compared:
    """All cases of two reports; `old` and its date are for people."""

    old: str
    date: str
    cases: tuple[ComparedCase, ...]

    def count(self, change: Change) -> int:
        """How many cases changed so."""
        return sum(case.change is change for case in self.cases)

    @property
    def fails(self) -> bool:
        """Whether something surely became slower, or wrong."""
        return self.count(Change.SLOWER) > 0


def compared_with(old: OldReport, report: VerifyReport) -> Compared:
    """Compare a report with an old one from the same kind of machine."""
    shares = (each.get("busy") for each in (old.environment, dict(report.environment)))
    is_busy = any(isinstance(each, (int, float)) and each > BUSY_SHARE for each in shares)
    found = []
    seen = set()
    for rewrite in report.results:
        for result in rewrite.cases:
            key = key_of(rewrite.equation, rewrite.original, rewrite.replacement, result.case)
            seen.add(key)
            name = _name(rewrite, result.case)
            found.append(_compared(name, old.cases.get(key), result, is_busy=is_busy))
    left = (case for key, case in old.cases.items() if key not in seen)
    found += [ComparedCase(each.name, Change.GONE, each.verdict, None) for each in left]
    return Compared(str(old.path), str(old.environment.get("date", "?")), tuple(found))


def _name(rewrite: RewriteResult, case: Case) -> str:
    return f"{rewrite.equation} {shapes_text(case)} {case.dtype} {case.mode.value}"


def _compared(name: str, old: OldCase | None, new: Result, *, is_busy: bool) -> ComparedCase:
    if old is None:
        return ComparedCase(name, Change.NEW, None, new.verdict)
    before, after = (each.samples if each else () for each in (new.original, new.replacement))
    found = _factors(old.sides, (before, after), is_busy=is_busy) if before and old.sides else None
    original, replacement, ratio = found or (None, None, None)
    case = ComparedCase(name, Change.UNSURE, old.verdict, new.verdict, original, replacement, ratio)
    trends = {verdict_of(each, RUN_MARGIN) for each in (original, replacement)}
    return _with_change(case, trends)


def _with_change(case: ComparedCase, trends: set[Verdict]) -> ComparedCase:
    """Slower outweighs faster, and that outweighs unsure."""
    change = Change.SAME if trends == {Verdict.SAME} else Change.UNSURE
    if Verdict.FASTER in trends:
        change = Change.FASTER
    if Verdict.SLOWER in trends or case.is_turned:
        change = Change.SLOWER
    times = (case.original, case.replacement, case.ratio)
    return ComparedCase(case.name, change, case.before, case.after, *times)


def _factors(
    old: tuple[Samples, Samples], new: tuple[Samples, Samples], *, is_busy: bool
) -> tuple[Speedup | None, Speedup | None, Speedup | None] | None:
    """Old / new of both sides, and of the ratio; None if others changed the times."""
    has_cpu = all(_has_cpu_time(each) for each in (*old, *new))
    if is_busy and not has_cpu:
        return None
    clock = Clock.CPU if has_cpu else Clock.WALL
    original, replacement = (
        _quotient(_interval(then, clock), _interval(now, clock))
        for then, now in zip(old, new, strict=True)
    )
    ratio = _quotient(speedup_of(*new, clock), speedup_of(*old, clock))
    return original, replacement, ratio


def _has_cpu_time(samples: Samples) -> bool:
    return all(block.cpu is not None for visit in samples for block in visit)


def _interval(samples: Samples, clock: Clock) -> Speedup | None:
    means = [mean_seconds(visit, clock) for visit in samples]
    return interval_of([each for each in means if each])


def _quotient(one: Speedup | None, other: Speedup | None) -> Speedup | None:
    if one is None or other is None:
        return None
    return Speedup(one.median / other.median, one.low / other.high, one.high / other.low)


def summary(compared: Compared) -> str:
    """One sentence: how many cases changed how."""
    counts = [(change.value, compared.count(change)) for change in Change]
    shown = ", ".join(f"{count} {name}" for name, count in counts if count) or "no cases"
    return f"Since {compared.old} ({compared.date}): {shown}."


def described(compared: Compared) -> Iterator[str]:
    """A line for each case that is not as it was or is gone, the slower ones first."""
    order = list(Change)
    for case in sorted(compared.cases, key=lambda each: order.index(each.change)):
        if details := "; ".join(_details(case)):
            yield f"{case.change.value}: {case.name}: {details}"
        elif case.change is Change.GONE:
            yield f"{case.change.value}: {case.name}"


def _details(case: ComparedCase) -> Iterator[str]:
    if case.before and case.after and case.before is not case.after:
        yield f"it was {case.before.value}, it is {case.after.value}"
    for name, factor in (("the original", case.original), ("the replacement", case.replacement)):
        trend = verdict_of(factor, RUN_MARGIN)
        if factor is not None and trend is Verdict.SLOWER:
            interval = f"{1 / factor.high:.2f} to {1 / factor.low:.2f}"
            yield f"{name} takes {1 / factor.median:.2f} times ({interval}) its old time"
        if factor is not None and trend is Verdict.FASTER:
            interval = f"{factor.low:.2f} to {factor.high:.2f}"
            yield f"{name} is {factor.median:.2f} times ({interval}) as fast as it was"
