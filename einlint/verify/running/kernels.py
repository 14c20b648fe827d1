"""Read kernels from a Chrome trace of torch.profiler: name, launches, device time."""

from collections.abc import Mapping
from typing import Any, Final

from einlint.verify.report import Kernel

_KERNEL: Final = "kernel"
_MICROSECOND: Final = 1e-6


def kernels_in(trace: Mapping[str, Any]) -> tuple[Kernel, ...]:
    """The kernels of a trace, longest total time first; no memory copies or host calls."""
    launches: dict[str, list[float]] = {}
    for event in trace["traceEvents"]:
        if event.get("cat", "").lower() == _KERNEL:
            launches.setdefault(event["name"], []).append(float(event["dur"]) * _MICROSECOND)
    made = (Kernel(name, len(times), sum(times)) for name, times in launches.items())
    return tuple(sorted(made, key=lambda kernel: (-kernel.seconds, kernel.name)))
