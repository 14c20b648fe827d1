"""The CPU: every allocation is seen by torch.profiler, those inside of operators too."""

import json
import platform
import tempfile
from pathlib import Path
from time import perf_counter

import torch
from torch.profiler import ProfilerActivity, profile

from einlint.verify.backend import Backend, Run


def _peak_bytes(run: Run, device: torch.device) -> int | None:
    """The highest sum of allocations and releases, in order of time.

    The chrome trace is the one documented place where the profiler lists them one by one.
    """
    run()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        kept = run()
    del kept
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        profiler.export_chrome_trace(str(path))
        events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    memory = [event for event in events if event.get("name") == "[memory]"]
    total = peak = 0
    for event in sorted(memory, key=lambda event: float(event["ts"])):
        total += event["args"]["Bytes"]
        peak = max(peak, total)
    return peak


BACKEND = Backend(
    is_available=lambda device: device.index in (None, 0),
    describe=lambda device: platform.processor() or platform.machine(),
    now=perf_counter,
    peak_bytes=_peak_bytes,
    kernels=lambda run: None,
)
