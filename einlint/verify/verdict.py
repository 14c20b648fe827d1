"""From timed blocks to a verdict: an interval for the ratio of two sides, and a margin around 1.

A visit gives one ratio: the mean time of a call of one side / that of the other. The interval comes
from the order of these ratios: the binomial distribution gives the ranks between which the median
of such ratios lies with 99 % probability, whatever their noise is like, as long as one visit tells
nothing about the next. `benchmarks/verdict_simulation.py` counts how often the interval contains
the true ratio where that does not hold, and docs/explanation/measuring.md has its table: what
changes one side only, and lasts about as long as the whole measurement, no interval can see.

That includes what a process keeps until it ends, such as the addresses of its code and data. Two
processes that measure the same call differ by some percent, more than the visits of one of them,
so every interval is wider by PROCESSES than its visits say (`benchmarks/verdicts.py` repeats runs).
"""

from collections.abc import Sequence
from math import comb
from statistics import fmean, median
from typing import Final

from einlint.verify.report import BUSY_SHARE, Speedup, Verdict
from einlint.verify.timing import FEWEST_VISITS, Block, Clock, Samples

MARGIN: Final = 1.05
"""Ratios between 1 / MARGIN and MARGIN count as the same speed."""

CONFIDENCE: Final = 0.99

PROCESSES: Final = 1.02
"""How far the ratio that a process measures may lie from that of others, either way."""


def speedup_of(
    original: Samples, replacement: Samples, clock: Clock = Clock.WALL
) -> Speedup | None:
    """The ratio original / replacement; None for too few visits, or a clock that did not run."""
    pairs = [
        (mean_seconds(one, clock), mean_seconds(other, clock))
        for one, other in zip(original, replacement, strict=True)
    ]
    ratios = [one / other for one, other in pairs if one is not None and other]
    return interval_of(ratios) if len(ratios) == len(pairs) else None


def interval_of(values: Sequence[float]) -> Speedup | None:
    """The median of values of visits, and an interval for it; None for too few visits."""
    if len(values) < FEWEST_VISITS:
        return None
    ordered, rank = sorted(values), _rank(len(values))
    return Speedup(median(ordered), ordered[rank] / PROCESSES, ordered[-1 - rank] * PROCESSES)


def mean_seconds(blocks: tuple[Block, ...], clock: Clock) -> float | None:
    """The mean seconds of one call, by one clock."""
    times = [block.on(clock) for block in blocks]
    known = [seconds for seconds in times if seconds is not None]
    return fmean(known) / blocks[0].calls if len(known) == len(blocks) else None


def busy_share(*sides: Samples) -> float | None:
    """The share of its time in which the thread waited for the CPU; None where that is unknown."""
    blocks = [block for side in sides for visit in side for block in visit]
    cpu = [block.cpu for block in blocks if block.cpu is not None]
    if not blocks or len(cpu) < len(blocks):
        return None
    return max(0.0, 1 - sum(cpu) / sum(block.wall for block in blocks))


def clock_of(*sides: Samples) -> Clock:
    """The clock whose ratio counts.

    The device's where something is done between the calls, else CPU time where others made the
    thread wait.
    """
    blocks = (block for side in sides for visit in side for block in visit)
    if any(block.between is not None for block in blocks):
        return Clock.DEVICE
    share = busy_share(*sides)
    return Clock.CPU if share is not None and share > BUSY_SHARE else Clock.WALL


def verdict_of(speedup: Speedup | None, margin: float = MARGIN) -> Verdict:
    """The verdict for an interval: UNSURE if it crosses an edge of the margin."""
    if speedup is None:
        return Verdict.UNSURE
    if speedup.low > margin:
        return Verdict.FASTER
    if speedup.high < 1 / margin:
        return Verdict.SLOWER
    if speedup.low >= 1 / margin and speedup.high <= margin:
        return Verdict.SAME
    return Verdict.UNSURE


def _rank(count: int) -> int:
    """How many ratios to drop at each end.

    The median lies below the ratio with 0-based rank r if at most r ratios are below the median.
    """
    tail, rank = 0.0, 0
    while True:
        tail += comb(count, rank) / 2**count
        if tail > (1 - CONFIDENCE) / 2:
            return max(0, rank - 1)
        rank += 1
