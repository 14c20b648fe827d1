"""The CPU: torch.profiler sees every allocation, including those inside operators."""

from collections.abc import Mapping, Sequence
from typing import Final

import torch
from torch.autograd.profiler import profile, record_function

from einlint.verify.machine import cpu_name
from einlint.verify.running.backend import Backend, Run
from einlint.verify.running.block_timer import host_timer
from einlint.verify.running.profiler_trace import chrome_trace
from einlint.verify.timing import TimeBlock


def _timer(statement: str, names: Mapping[str, object], threads: int) -> TimeBlock:
    return host_timer(statement, names, has_cpu_time=threads == 1)


def _peak_bytes(runs: Sequence[Run], device: torch.device) -> list[int | None]:
    """The highest running sum of allocations and releases of each run.

    One profile for all of them, because to start one takes longer than most runs; and not the one
    of torch.profiler, which imports the compiler as it starts.
    """
    for run in runs:
        run()
    with profile(profile_memory=True, use_kineto=True) as profiler:
        for run in runs:
            with record_function(_RUN):
                kept = run()
            del kept
    events = sorted(
        (each for each in chrome_trace(profiler)["traceEvents"] if each.get("name") in _SEEN),
        key=lambda event: float(event["ts"]),
    )
    peaks: list[int | None] = []
    total = peak = 0
    for event in events:
        if event["name"] == _RUN:
            total = peak = 0
            peaks.append(peak)
        elif peaks:  # nothing is allocated before the first run
            total += event["args"]["Bytes"]
            peak = peaks[-1] = max(peak, total)
    return peaks


_RUN: Final = "einlint run"
_SEEN: Final = (_RUN, "[memory]")


BACKEND = Backend(
    is_available=lambda device: device.index in (None, 0),
    describe=lambda device: cpu_name(),
    timer=_timer,
    peak_bytes=_peak_bytes,
    kernels=lambda run: None,
)
