"""How much of the CPUs other programs take during a run, as Linux counts it."""

import os
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

_STAT: Final = Path("/proc/stat")
# Of the fields of a line of a CPU: user, nice, system, irq, softirq, and steal, which is the time
# that a virtual machine did not get. Left out are idle, iowait, and guest, which is in user too.
_BUSY_FIELDS: Final = (0, 1, 2, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class CpuUse:
    """A reading of all clocks, in seconds.

    wall: from any start. own: CPU time of this process and of children that have ended. total: CPU
    time of all programs; None where the system does not tell. cpus: how many CPUs that is of.
    """

    wall: float
    own: float
    total: float | None
    cpus: int

    @classmethod
    def now(cls) -> "CpuUse":
        """Read the clocks."""
        total, cpus = _total()
        return cls(monotonic(), sum(os.times()[:4]), total, cpus)

    def busy_until(self, later: "CpuUse", threads: int) -> float | None:
        """The share of the time of `threads` that other programs took; None if it is unknown.

        They take nothing as long as a CPU is left for each thread.
        """
        wall = later.wall - self.wall
        if self.total is None or later.total is None or wall <= 0:
            return None
        others = (later.total - self.total - (later.own - self.own)) / wall
        return min(1.0, max(0.0, (others + threads - self.cpus) / threads))


def _total() -> tuple[float | None, int]:
    """The CPU seconds of all programs since the start of the system, and the number of CPUs."""
    try:
        lines = _STAT.read_text().splitlines()
        counts = [int(each) for each in lines[0].split()[1:]]
        ticks = sum(counts[place] for place in _BUSY_FIELDS)
        cpus = sum(line.startswith("cpu") for line in lines) - 1
        return ticks / os.sysconf("SC_CLK_TCK"), cpus
    except (OSError, ValueError, IndexError):
        return None, os.cpu_count() or 1
