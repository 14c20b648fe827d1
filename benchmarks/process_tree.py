"""Run a command, and measure it with all the processes that it starts."""

import os
import subprocess
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def run(command: list[str], seconds: float | None = None) -> tuple[float, float, int]:
    """Wall time, CPU time and peak memory (PSS, bytes) of a command; killed after some seconds.

    Sampled: what a process does in its last 0.2 seconds is missing.
    """
    start, process = time.monotonic(), subprocess.Popen(command)
    peak, used = 0, dict[int, float]()
    while process.poll() is None:
        running = _below(process.pid)
        peak = max(peak, sum(map(_memory, running)))
        for each in running:
            used[each] = max(used.get(each, 0.0), _cpu(each))
        if seconds is not None and time.monotonic() - start > seconds:
            process.kill()
        time.sleep(0.2)
    if seconds is None and process.returncode:
        raise SystemExit(f"it has ended with {process.returncode}")
    return time.monotonic() - start, sum(used.values()), peak


def _below(pid: int) -> list[int]:
    """A process and all that it has started."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [each for task in tasks for each in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(each for child in children for each in _below(int(child)))]


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # it has ended
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _cpu(pid: int) -> float:
    """The seconds of CPU time that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
