"""Time two sides in turn: A B, B A, A B, ... in blocks, so that whatever drifts hits both."""

from collections.abc import Sequence
from statistics import median, quantiles
from typing import Final

import torch
from torch.utils.benchmark import Timer

from einlint.verify.backend import Backend
from einlint.verify.counting import operators_of
from einlint.verify.report import Measurement, Spread
from einlint.verify.subject import Subject
from einlint.verify.verdict import FEWEST_PAIRS

_BLOCK_SECONDS: Final = 0.005
_MOST_PAIRS: Final = 41
_CASE_SECONDS: Final = 3.0
# torch's Timer runs each block's statement at least this often before it looks at the clock.
_WARM_UP_RUNS: Final = 2


class NoTimeError(Exception):
    """The pairs that a verdict needs do not fit in the time that is left."""


def paired_seconds(
    original: Timer, replacement: Timer, seconds_left: float
) -> tuple[list[float], list[float]]:
    """Seconds a run of both sides, in blocks that were timed in pairs.

    Raises:
        NoTimeError: too few pairs fit in `seconds_left`.
    """
    sides = (original, replacement)
    slower = max(_seconds(side, 1) for side in sides)
    number = max(1, round(_BLOCK_SECONDS / slower))
    slower = max(_seconds(side, number) for side in sides)
    number = max(1, round(_BLOCK_SECONDS / slower))
    pairs = _pairs_that_fit(2 * slower * (number + _WARM_UP_RUNS), seconds_left)
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(pairs):
        for side in (turn % 2, 1 - turn % 2):
            times[side].append(_seconds(sides[side], number))
    return times


def measurement(
    side: Subject, seconds: Sequence[float], backend: Backend, device: torch.device
) -> Measurement:
    """Everything that a side costs."""
    return Measurement(
        spread(seconds),
        backend.peak_bytes(side.run, device),
        operators_of(side.run).total(),
        backend.kernels(side.run),
    )


def spread(seconds: Sequence[float]) -> Spread:
    """Median and distance of the quartiles."""
    lower, _, upper = quantiles(seconds, n=4)
    return Spread(median(seconds), upper - lower)


def _pairs_that_fit(pair_seconds: float, seconds_left: float) -> int:
    if pair_seconds * FEWEST_PAIRS > seconds_left:
        raise NoTimeError
    fitting = int(min(_CASE_SECONDS, seconds_left) / pair_seconds)
    return max(FEWEST_PAIRS, min(_MOST_PAIRS, fitting))


def _seconds(timer: Timer, number: int) -> float:
    return float(timer.timeit(number).mean)
