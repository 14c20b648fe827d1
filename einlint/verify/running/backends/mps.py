"""Apple's GPUs: no float64, and torch reports neither peak memory nor kernels."""

from collections.abc import Mapping

import torch

from einlint.verify.machine import cpu_name
from einlint.verify.running.backend import Backend
from einlint.verify.running.block_timer import host_timer
from einlint.verify.timing import TimeBlock


def _timer(statement: str, names: Mapping[str, object], threads: int) -> TimeBlock:
    return host_timer(statement, names, wait=torch.mps.synchronize)


BACKEND = Backend(
    is_available=lambda device: torch.backends.mps.is_available() and device.index in (None, 0),
    describe=lambda device: f"{cpu_name()} ({device})",
    timer=_timer,
    peak_bytes=lambda runs, device: [None] * len(runs),
    kernels=lambda run: None,
    has_float64=False,
)
