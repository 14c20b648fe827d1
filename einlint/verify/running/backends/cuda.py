"""CUDA devices, and ROCm devices, which torch also calls cuda."""

from collections.abc import Mapping, Sequence

import torch
from torch.profiler import ProfilerActivity, profile

from einlint.verify.report import Environment, Kernel
from einlint.verify.running.backend import Backend, Run
from einlint.verify.running.block_timer import host_timer
from einlint.verify.running.kernels import kernels_in
from einlint.verify.running.profiler_trace import chrome_trace
from einlint.verify.timing import TimeBlock


def _is_available(device: torch.device) -> bool:
    return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()


def _timer(statement: str, names: Mapping[str, object], threads: int) -> TimeBlock:
    return host_timer(statement, names, wait=torch.cuda.synchronize)


def _peak_bytes(runs: Sequence[Run], device: torch.device) -> list[int | None]:
    return [_peak_bytes_of(run, device) for run in runs]


def _peak_bytes_of(run: Run, device: torch.device) -> int | None:
    run()
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    run()
    torch.cuda.synchronize(device)
    return torch.cuda.max_memory_allocated(device) - before


def _kernels(run: Run) -> tuple[Kernel, ...]:
    run()
    activities = [ProfilerActivity.CPU, ProfilerActivity.CUDA]
    with profile(activities=activities) as profiler:
        run()
        torch.cuda.synchronize()
    return kernels_in(chrome_trace(profiler))


def _about(device: torch.device) -> Environment:
    return (
        ("allow_tf32", str(torch.backends.cuda.matmul.allow_tf32)),
        ("clock_mhz", _clock_mhz(device)),
    )


def _clock_mhz(device: torch.device) -> int | None:
    """The current clock rate; None if the library to read it (NVML) is missing."""
    try:
        return torch.cuda.clock_rate(device)
    except (ImportError, RuntimeError):
        return None


BACKEND = Backend(
    is_available=_is_available,
    describe=torch.cuda.get_device_name,
    timer=_timer,
    peak_bytes=_peak_bytes,
    kernels=_kernels,
    about=_about,
)
