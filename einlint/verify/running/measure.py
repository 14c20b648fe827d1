"""Time two sides in turn, in blocks: A B, B A, A B, ...; so that drift affects both sides."""

from collections.abc import Sequence
from statistics import fmean, median, quantiles
from time import monotonic
from typing import Final

import torch
from torch.utils.benchmark import Timer

from einlint.verify.report import Measurement, Spread
from einlint.verify.running.backend import Backend, Run
from einlint.verify.running.counting import count_dispatched
from einlint.verify.running.runnable import Runnable
from einlint.verify.verdict import FEWEST_PAIRS

# Long enough for the clock, short enough for many pairs in the time of a case.
_BLOCK_SECONDS: Final = 0.005
_MOST_PAIRS: Final = 41
_CASE_SECONDS: Final = 3.0
_CALIBRATIONS: Final = 7
_CALIBRATION_SECONDS: Final = 0.2


class NoTimeError(Exception):
    """The remaining time is too short for the pairs that a verdict needs."""


def paired_seconds(
    original: Timer, replacement: Timer, seconds_left: float, before_block: Run = lambda: None
) -> tuple[list[float], list[float]]:
    """Seconds for one run of both sides, from blocks timed in pairs.

    Raises:
        NoTimeError: too few pairs fit in `seconds_left`.
    """
    sides = (original, replacement)
    start = monotonic()
    end = start + min(_CASE_SECONDS, seconds_left)
    number = max(1, round(_BLOCK_SECONDS / max(map(_fastest, sides))))
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(_MOST_PAIRS):
        if monotonic() > end and (turn >= FEWEST_PAIRS or monotonic() > start + seconds_left):
            break
        for side in (turn % 2, 1 - turn % 2):
            before_block()
            times[side].append(_seconds(sides[side], number))
    if len(times[0]) < FEWEST_PAIRS:
        raise NoTimeError
    return times


def measurement(
    side: Runnable, seconds: Sequence[float], backend: Backend, device: torch.device
) -> Measurement:
    """All costs of one side."""
    return Measurement(
        _spread(seconds),
        backend.peak_bytes(side.run, device),
        count_dispatched(side.run).operators,
        backend.kernels(side.run),
    )


def _spread(seconds: Sequence[float]) -> Spread:
    """The median, the interquartile range and the mean."""
    lower, _, upper = quantiles(seconds, n=4)
    return Spread(median(seconds), upper - lower, fmean(seconds))


def _fastest(timer: Timer) -> float:
    """The fastest of several single runs; it decides how many runs fill a block."""
    end = monotonic() + _CALIBRATION_SECONDS
    fastest = _seconds(timer, 1)
    for _ in range(_CALIBRATIONS):
        if monotonic() < end:
            fastest = min(fastest, _seconds(timer, 1))
    return fastest


def _seconds(timer: Timer, number: int) -> float:
    return float(timer.timeit(number).mean)
