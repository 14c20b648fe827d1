"""CUDA devices, and ROCm devices, which torch also calls cuda.

All of it runs within `torch.cuda.device(device)`: events and `synchronize()` are those of the
current device.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final

import torch
from torch.profiler import ProfilerActivity, profile

from einlint.verify.report import Environment, Kernel
from einlint.verify.running.backend import Backend, Run, is_out_of_memory
from einlint.verify.running.block_timer import DeviceEvent, cold_timer, host_timer
from einlint.verify.running.kernels import kernels_in
from einlint.verify.running.profiler_trace import chrome_trace
from einlint.verify.telemetry import card_facts, or_none
from einlint.verify.timing import TimeBlock

# If the size of the L2 cache is unknown: more than any card has.
_LARGE_L2: Final = 2**27


def _is_available(device: torch.device) -> bool:
    return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()


def _selected(device: torch.device) -> AbstractContextManager[object]:
    return torch.cuda.device(device)


def _event() -> DeviceEvent:
    event: DeviceEvent = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
    return event


def _timer(statement: str, names: Mapping[str, object], threads: int) -> TimeBlock:
    return host_timer(statement, names, wait=torch.cuda.synchronize, event=_event)


def _cold_timer(statement: str, names: Mapping[str, object], device: torch.device) -> TimeBlock:
    def flush() -> Callable[[], object]:
        return torch.empty(2 * _l2_bytes(device), dtype=torch.int8, device=device).zero_

    return cold_timer(statement, names, flush, wait=torch.cuda.synchronize, event=_event)


def _l2_bytes(device: torch.device) -> int:
    size = or_none(lambda: int(torch.cuda.get_device_properties(device).L2_cache_size))
    return size or _LARGE_L2


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


def _free_bytes(device: torch.device) -> int | None:
    """What the driver would give, and what torch keeps of it without using it."""
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + kept


def _kernels(run: Run) -> tuple[Kernel, ...] | None:
    run()
    try:
        with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiler:
            run()
            torch.cuda.synchronize()
        return kernels_in(chrome_trace(profiler))
    except Exception as error:
        if is_out_of_memory(error):
            raise
        return None  # for example, the driver keeps its counters from this user


def _about(device: torch.device) -> Environment:
    facts = or_none(lambda: card_facts(f"GPU-{torch.cuda.get_device_properties(device).uuid}"))
    clock = or_none(lambda: torch.cuda.clock_rate(device))
    about = {"clock_mhz": clock, **{name: value for name, value in (facts or {}).items() if value}}
    return (
        ("cuda", torch.version.cuda),
        ("rocm", torch.version.hip),
        ("allow_tf32", str(torch.backends.cuda.matmul.allow_tf32)),
        *about.items(),
    )


BACKEND = Backend(
    is_available=_is_available,
    describe=lambda device: or_none(lambda: torch.cuda.get_device_name(device)) or str(device),
    timer=_timer,
    peak_bytes=_peak_bytes,
    kernels=_kernels,
    about=_about,
    cold_timer=_cold_timer,
    selected=_selected,
    free_bytes=_free_bytes,
)
