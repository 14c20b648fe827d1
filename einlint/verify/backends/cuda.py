"""CUDA devices, and what torch presents as such (ROCm)."""

from time import perf_counter

import torch
from torch.profiler import ProfilerActivity, profile

from einlint.verify.backend import Backend, Run


def _is_available(device: torch.device) -> bool:
    return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()


def _now() -> float:
    torch.cuda.synchronize()
    return perf_counter()


def _peak_bytes(run: Run, device: torch.device) -> int | None:
    run()
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    run()
    torch.cuda.synchronize(device)
    return torch.cuda.max_memory_allocated(device) - before


def _kernels(run: Run) -> int | None:
    run()
    activities = [ProfilerActivity.CPU, ProfilerActivity.CUDA]
    with profile(activities=activities) as profiler:
        run()
        torch.cuda.synchronize()
    on_device = (event for event in profiler.events() if event.device_type.name == "CUDA")
    return sum(1 for _ in on_device)


BACKEND = Backend(
    is_available=_is_available,
    describe=torch.cuda.get_device_name,
    now=_now,
    peak_bytes=_peak_bytes,
    kernels=_kernels,
)
