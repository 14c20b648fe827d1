"""A made-up GPU: torch.cuda's functions over CPU tensors, with a clock that only work moves.

The host gives the current device work, which takes time on both; the device runs what it has been
given in turn. Whoever reads an event that the device has not passed, or waits for another device
than the one that works, gets the error of torch or a wrong time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from einlint.verify import telemetry, timing
from einlint.verify.running import block_timer, profiles
from einlint.verify.running.backends import cuda

US = 1e-6
L2_BYTES = 2**16
FLUSH = 30 * US
SHORT = 0.004
"""Seconds of a visit on the made-up clock."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call takes: seconds of the host and of the device, and bytes at its peak."""

    host: float
    device: float
    peak: int = 0


@dataclass(slots=True)
class StubCuda:
    """The devices, and what they were asked.

    done_at: when each device has done what it was given. cold_factor: how much longer a call takes
    behind a flush. busy: the devices that were given work.
    """

    count: int = 2
    cold_factor: float = 2.0
    free: int = 2**30
    current: int = 0
    now: float = 0.0
    flushes: int = 0
    flushed_bytes: int = 0
    is_cold: bool = False
    busy: set[int] = field(default_factory=set)
    done_at: dict[int, float] = field(default_factory=dict)
    peaks: dict[int, int] = field(default_factory=dict)
    profiled: list[float] | None = None

    def launch(self, cost: Cost) -> None:
        """Give the current device some work."""
        seconds = cost.device * (self.cold_factor if self.is_cold else 1.0)
        self.is_cold = False
        self.now += cost.host
        self.done_at[self.current] = max(self.now, self.ready_at(self.current)) + seconds
        self.busy.add(self.current)
        self.peaks[self.current] = max(self.peaks.get(self.current, 0), cost.peak)
        if self.profiled is not None:
            self.profiled.append(seconds)

    def ready_at(self, device: int) -> float:
        return max(self.now, self.done_at.get(device, 0.0))

    def synchronize(self, device: torch.device | None = None) -> None:
        self.now = self.ready_at(self.index(device))

    def index(self, device: torch.device | None) -> int:
        return self.current if device is None or device.index is None else device.index

    @contextmanager
    def device(self, device: torch.device) -> Iterator[None]:
        before, self.current = self.current, self.index(device)
        try:
            yield
        finally:
            self.current = before

    def event(self, enable_timing: bool = False) -> "StubEvent":
        assert enable_timing
        return StubEvent(self)

    @contextmanager
    def profile(self, activities: list[ProfilerActivity]) -> Iterator[list[float]]:
        assert ProfilerActivity.CUDA in activities
        self.profiled = made = []
        yield made
        self.profiled = None

    def flush(self, buffer: torch.Tensor) -> None:
        self.flushes += 1
        self.flushed_bytes = buffer.numel() * buffer.element_size()
        self.launch(Cost(host=US, device=FLUSH))
        self.is_cold = True


@dataclass(slots=True)
class StubEvent:
    """An event; it raises where torch does."""

    stub: StubCuda
    at: float | None = None
    on: int = 0

    def record(self) -> None:
        self.at, self.on = self.stub.ready_at(self.stub.current), self.stub.current

    def elapsed_time(self, later: "StubEvent") -> float:
        if self.at is None or later.at is None or self.on != later.on:
            raise RuntimeError("both events must be recorded, on one device")
        if later.at > self.stub.now:
            raise RuntimeError("device not ready")
        return (later.at - self.at) * 1e3


def stub_cuda(monkeypatch: pytest.MonkeyPatch, costs: dict[str, Cost]) -> StubCuda:
    """Put a made-up GPU in the place of torch.cuda. costs: of functions of torch, by name."""
    stub = StubCuda()
    replaced: dict[str, object] = {
        "is_available": lambda: True,
        "is_bf16_supported": lambda *given, **options: True,
        "device_count": lambda: stub.count,
        "current_device": lambda: stub.current,
        "device": stub.device,
        "synchronize": stub.synchronize,
        "Event": stub.event,
        "get_device_name": lambda device: f"Made-up GPU {stub.index(device)}",
        "get_device_properties": lambda device: SimpleNamespace(
            L2_cache_size=L2_BYTES, uuid=f"uuid-{stub.index(device)}"
        ),
        "clock_rate": lambda device: 1000 + stub.index(device),
        "mem_get_info": lambda device: (stub.free, 2 * stub.free),
        "memory_reserved": lambda device: 100,
        "memory_allocated": lambda device: 100,
        "reset_peak_memory_stats": lambda device: stub.peaks.pop(stub.index(device), None),
        "max_memory_allocated": lambda device: 100 + stub.peaks.get(stub.index(device), 0),
    }
    for name, value in replaced.items():
        monkeypatch.setattr(torch.cuda, name, value)
    monkeypatch.setattr(block_timer, "perf_counter", lambda: stub.now)
    # This clock is exact: short visits show as much as long ones.
    monkeypatch.setattr(timing, "_VISIT_SECONDS", SHORT)
    monkeypatch.setattr(timing, "_SWEEP_SECONDS", SHORT)
    monkeypatch.setattr(cuda, "profile", stub.profile)
    monkeypatch.setattr(cuda, "chrome_trace", _trace)
    monkeypatch.setattr(profiles, "profile", _on_the_cpu)
    monkeypatch.setattr(telemetry.subprocess, "run", _no_tool)
    for name, cost in costs.items():
        monkeypatch.setattr(torch, name, _costing(stub, cost, getattr(torch, name)))
    _keep_tensors_on_the_cpu(monkeypatch, stub)
    return stub


def _costing(stub: StubCuda, cost: Cost, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*given: Any, **options: Any) -> Any:
        stub.launch(cost)
        return function(*given, **options)

    return call


def _trace(times: list[float]) -> dict[str, Any]:
    kernels = [{"cat": "kernel", "name": "made_up", "dur": each / US} for each in times]
    return {"traceEvents": [{"cat": "cpu_op", "name": "aten::bmm", "dur": 1.0}, *kernels]}


def _on_the_cpu(activities: list[ProfilerActivity], **options: Any) -> profile:
    assert activities == [ProfilerActivity.CPU, ProfilerActivity.CUDA]
    return profile(activities=activities[:1], **options)


def _no_tool(*given: object, **options: object) -> None:
    raise FileNotFoundError("nvidia-smi")


def _keep_tensors_on_the_cpu(monkeypatch: pytest.MonkeyPatch, stub: StubCuda) -> None:
    def is_there(value: object) -> bool:
        return isinstance(value, torch.device) and value.type == "cuda"

    def made_here(function: Callable[..., Any]) -> Callable[..., Any]:
        def make(*given: Any, **options: Any) -> Any:
            kept = {name: each for name, each in options.items() if not is_there(each)}
            return function(*(each for each in given if not is_there(each)), **kept)

        return make

    move = torch.Tensor.to

    def to(tensor: torch.Tensor, *given: Any, **options: Any) -> torch.Tensor:
        return tensor if given and is_there(given[0]) else move(tensor, *given, **options)

    def zero(tensor: torch.Tensor) -> torch.Tensor:
        stub.flush(tensor)
        return tensor

    class Generator(torch.Generator):
        def __new__(cls, device: object = None) -> "Generator":
            return super().__new__(cls)

    monkeypatch.setattr(torch, "Generator", Generator)
    for name in ("empty", "randn"):
        monkeypatch.setattr(torch, name, made_here(getattr(torch, name)))
    monkeypatch.setattr(torch.Tensor, "to", to)
    monkeypatch.setattr(torch.Tensor, "zero_", zero)
