"""From paired timings to a verdict: an interval for the median ratio, and a margin around 1.

The interval uses order statistics: the binomial distribution gives the ranks of the sorted ratios
between which the median lies with 99 % probability. That holds for any kind of noise, outliers
included; a t interval would need normal noise. So a replacement of equal speed, or at the margin,
is called faster in at most 0.5 % of all cases, and slower as rarely.
"""

from collections.abc import Sequence
from math import comb
from statistics import median
from typing import Final

from einlint.verify.report import Speedup, Verdict

MARGIN: Final = 1.05
"""Ratios between 1 / MARGIN and MARGIN count as the same speed."""

CONFIDENCE: Final = 0.99
FEWEST_PAIRS: Final = 8
"""The smallest number of pairs whose extreme ratios bound the median with CONFIDENCE."""


def speedup_of(original: Sequence[float], replacement: Sequence[float]) -> Speedup | None:
    """The ratio original / replacement of blocks timed in pairs; None for too few pairs."""
    ratios = sorted(one / other for one, other in zip(original, replacement, strict=True))
    if len(ratios) < FEWEST_PAIRS:
        return None
    rank = _rank(len(ratios))
    return Speedup(median(ratios), ratios[rank], ratios[-1 - rank])


def verdict_of(speedup: Speedup | None) -> Verdict:
    """The verdict for an interval: UNSURE if it crosses an edge of the margin."""
    if speedup is None:
        return Verdict.UNSURE
    if speedup.low > MARGIN:
        return Verdict.FASTER
    if speedup.high < 1 / MARGIN:
        return Verdict.SLOWER
    if speedup.low >= 1 / MARGIN and speedup.high <= MARGIN:
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
