"""The CPU: torch.profiler sees every allocation, including those inside operators."""

import platform
from collections.abc import Mapping

import torch
from torch.autograd.profiler import profile  # torch.profiler imports the compiler as it starts

from einlint.verify.running.backend import Backend, Run
from einlint.verify.running.block_timer import host_timer
from einlint.verify.running.profiler_trace import chrome_trace
from einlint.verify.timing import TimeBlock


def _timer(statement: str, names: Mapping[str, object], threads: int) -> TimeBlock:
    return host_timer(statement, names, has_cpu_time=threads == 1)


def _peak_bytes(run: Run, device: torch.device) -> int | None:
    """The highest running sum of allocations and releases."""
    run()
    with profile(profile_memory=True, use_kineto=True) as profiler:
        kept = run()
    del kept
    events = chrome_trace(profiler)["traceEvents"]
    memory = [event for event in events if event.get("name") == "[memory]"]
    total = peak = 0
    for event in sorted(memory, key=lambda event: float(event["ts"])):
        total += event["args"]["Bytes"]
        peak = max(peak, total)
    return peak


BACKEND = Backend(
    is_available=lambda device: device.index in (None, 0),
    describe=lambda device: platform.processor() or platform.machine(),
    timer=_timer,
    peak_bytes=_peak_bytes,
    kernels=lambda run: None,
)
