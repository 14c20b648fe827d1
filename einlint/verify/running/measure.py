"""What every side costs: its times from the blocks, its memory, operators and kernels."""

from collections.abc import Sequence
from statistics import fmean, median, quantiles

import torch

from einlint.verify.report import Measurement, Spread
from einlint.verify.running.backend import Backend
from einlint.verify.running.counting import count_dispatched
from einlint.verify.running.runnable import Runnable
from einlint.verify.timing import Clock, Samples


def measurements(
    sides: Sequence[Runnable], samples: Sequence[Samples], backend: Backend, device: torch.device
) -> list[Measurement]:
    """All costs of every side."""
    peaks = backend.peak_bytes([side.run for side in sides], device)
    return [
        _measurement(side, blocks, peak, backend)
        for side, blocks, peak in zip(sides, samples, peaks, strict=True)
    ]


def _measurement(
    side: Runnable, samples: Samples, peak_bytes: int | None, backend: Backend
) -> Measurement:
    seconds = spread(samples, Clock.WALL)
    assert seconds is not None
    seen = count_dispatched(side.run)
    return Measurement(
        seconds,
        peak_bytes,
        seen.operators,
        backend.kernels(side.run),
        spread(samples, Clock.CPU),
        spread(samples, Clock.DEVICE),
        samples,
        flops=None if side.is_compiled else seen.flops,
        moved_bytes=None if side.is_compiled else seen.moved_bytes,
    )


def spread(samples: Samples, clock: Clock) -> Spread | None:
    """The seconds of one call, by one clock; None if it did not run."""
    blocks = [block for visit in samples for block in visit]
    times = [block.on(clock) for block in blocks]
    known = [
        seconds / block.calls
        for seconds, block in zip(times, blocks, strict=True)
        if seconds is not None
    ]
    if len(known) < len(blocks):
        return None
    lower, _, upper = quantiles(known, n=4)
    return Spread(median(known), upper - lower, fmean(known))
