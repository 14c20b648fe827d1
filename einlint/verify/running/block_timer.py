"""Time blocks of calls of a statement by the clocks of the host, and by events of a device."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import perf_counter, thread_time
from timeit import Timer
from typing import Any, Final, Protocol, TypeAlias, cast

from einlint.verify.timing import Block, TimeBlock

_MILLISECOND: Final = 1e-3


class DeviceEvent(Protocol):
    """A mark between the work of a device, as torch.cuda.Event is."""

    def record(self) -> object:
        """Put the mark behind the work that the device has been given so far."""

    def elapsed_time(self, later: Any) -> float:
        """The milliseconds from this mark to a later one; the device has passed both."""


MakeEvent: TypeAlias = Callable[[], DeviceEvent]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the clocks show; the difference of two is the time between them, as that of one call.

    done: behind all work before the reading. ready: before all work after it.
    """

    wall: float
    cpu: float | None
    done: DeviceEvent | None
    ready: DeviceEvent | None

    def __sub__(self, earlier: "_Reading") -> Block:
        cpu = None if self.cpu is None or earlier.cpu is None else self.cpu - earlier.cpu
        device = None
        if self.done is not None and earlier.ready is not None:
            device = earlier.ready.elapsed_time(self.done) * _MILLISECOND
        return Block(1, self.wall - earlier.wall, cpu, device)


def host_timer(
    statement: str,
    names: Mapping[str, object],
    *,
    has_cpu_time: bool = False,
    wait: Callable[[], object] = lambda: None,
    event: MakeEvent | None = None,
) -> TimeBlock:
    """Time a statement over `names`.

    has_cpu_time: this thread does all the work, so its CPU time is that of the statement.
    wait: waits for the device, before a clock is read.
    event: makes an event of the device; without it only the host's clocks are read.
    """

    def read() -> _Reading:
        done = _recorded(event) if event else None
        wait()
        cpu = thread_time() if has_cpu_time else None
        wall = perf_counter()
        return _Reading(wall, cpu, done, _recorded(event) if event else None)

    clock: Any = read  # timeit only takes differences of what its timer returns
    timer = Timer(statement, timer=clock, globals=dict(names))

    def time_block(calls: int) -> Block:
        spent = cast("Block", timer.timeit(calls))  # a difference of readings
        return replace(spent, calls=calls)

    return time_block


def _recorded(event: MakeEvent) -> DeviceEvent:
    made = event()
    made.record()
    return made


def cold_timer(
    statement: str,
    names: Mapping[str, object],
    flush: Callable[[], Callable[[], object]],
    *,
    wait: Callable[[], object],
    event: MakeEvent,
) -> TimeBlock:
    """Time each call of a statement alone, by two events, behind a flush of the cache.

    The host gives the device the flush and the call without waiting in between. So the call is
    queued while the device still flushes, and its time has nothing of the host in it.

    flush: makes what empties the cache; made for each block, since it may hold much memory.
    """
    code = compile(statement, "<cold>", "eval")
    scope = dict(names)

    def time_block(calls: int) -> Block:
        empty_cache = flush()
        wait()
        started = perf_counter()
        marks = []
        for _ in range(calls):
            empty_cache()
            start = _recorded(event)
            eval(code, scope)
            marks.append((start, _recorded(event)))
        wait()
        spent = perf_counter() - started
        timed = sum(start.elapsed_time(end) for start, end in marks) * _MILLISECOND
        return Block(calls, timed, device=timed, between=max(0.0, spent - timed))

    return time_block
