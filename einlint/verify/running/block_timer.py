"""Time blocks of calls of a statement by the clocks of the host."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter, thread_time
from timeit import Timer
from typing import Any

from einlint.verify.timing import Block, TimeBlock


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the clocks show; a difference of two is the time between them."""

    wall: float
    cpu: float | None

    def __sub__(self, earlier: "_Reading") -> "_Reading":
        is_known = self.cpu is not None and earlier.cpu is not None
        cpu = self.cpu - earlier.cpu if is_known else None  # type: ignore[operator]
        return _Reading(self.wall - earlier.wall, cpu)


def host_timer(
    statement: str,
    names: Mapping[str, object],
    *,
    has_cpu_time: bool = False,
    wait: Callable[[], object] = lambda: None,
) -> TimeBlock:
    """Time a statement over `names`.

    has_cpu_time: this thread does all the work, so its CPU time is that of the statement.
    wait: waits for the device, before a clock is read.
    """

    def read() -> _Reading:
        wait()
        cpu = thread_time() if has_cpu_time else None
        return _Reading(perf_counter(), cpu)

    clock: Any = read  # timeit only takes differences of what its timer returns
    timer = Timer(statement, timer=clock, globals=dict(names))

    def time_block(calls: int) -> Block:
        spent: Any = timer.timeit(calls)
        return Block(calls, spent.wall, spent.cpu)

    return time_block
