"""From paired timings to a verdict: an interval for the median ratio, and a margin around 1.

The interval is that of order statistics: the ranks of the sorted ratios between which their
median lies with 99 % certainty follow from the binomial distribution alone. It holds for noise
of any shape, outliers included, where a t interval would need noise that is normal. So a
replacement of the same speed, or one at the very margin, is called faster in at most 0.5 % of
all cases, and slower as rarely.
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
"""The least number of pairs whose smallest and largest ratio bound the median with CONFIDENCE."""


def speedup_of(original: Sequence[float], replacement: Sequence[float]) -> Speedup | None:
    """The ratio original / replacement of blocks timed in pairs; None for too few of them."""
    ratios = sorted(one / other for one, other in zip(original, replacement, strict=True))
    if len(ratios) < FEWEST_PAIRS:
        return None
    rank = _rank(len(ratios))
    return Speedup(median(ratios), ratios[rank], ratios[-1 - rank])


def verdict_of(speedup: Speedup | None) -> Verdict:
    """What an interval allows to say: nothing where it reaches over the edge of the margin."""
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
    """How many ratios may be left out at either end.

    The median lies below the ratio of 0-based rank r where at most r of them fall below it.
    """
    tail, rank = 0.0, 0
    while True:
        tail += comb(count, rank) / 2**count
        if tail > (1 - CONFIDENCE) / 2:
            return max(0, rank - 1)
        rank += 1
