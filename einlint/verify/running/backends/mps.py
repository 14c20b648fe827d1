"""Apple's GPUs: no float64, and torch reports neither peak memory nor kernels."""

import platform
from time import perf_counter

import torch

from einlint.verify.running.backend import Backend


def _now() -> float:
    torch.mps.synchronize()
    return perf_counter()


BACKEND = Backend(
    is_available=lambda device: torch.backends.mps.is_available() and device.index in (None, 0),
    describe=lambda device: f"{platform.machine()} ({device})",
    now=_now,
    peak_bytes=lambda run, device: None,
    kernels=lambda run: None,
    has_float64=False,
)
