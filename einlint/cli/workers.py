"""Worker processes: they share the work and end with their parent; one may die alone."""

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection, wait
from threading import Thread
from typing import Any, Final, TypeAlias, TypeVar

from einlint.unusable import errors_at

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

BeforeWriting: TypeAlias = Callable[[], None]
"""Ends a process whose parent is gone; called just before something is written."""

# Seconds for a worker without a parent to stop by itself and remove temporary files.
_GRACE: Final = 1.5


@dataclass(frozen=True, slots=True)
class WorkerDeath:
    """The result of an item on which a worker died; `code` is its exit code."""

    code: int | None

    def __str__(self) -> str:
        """How the process ended."""
        code = self.code or 0
        if code >= 0:
            return f"ended with exit code {code}"
        try:
            return f"was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"was killed by signal {-code}"


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process, and the numbers of the items that it still works on."""

    process: Process
    pipe: "Connection[Any, Any]"
    left: deque[int] = field(default_factory=deque)

    def give(self, items: Sequence[object], numbers: Sequence[int]) -> None:
        """Send items to the worker; it ends when it gets none."""
        self.left.extend(numbers)
        with suppress(OSError):  # if the worker is dead, `answer` reports it
            self.pipe.send([items[number] for number in numbers])

    def answer(self) -> Any:
        """The result of the worker's next item, or its death."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            return WorkerDeath(self.process.exitcode)


def _nothing(item: object) -> None:
    """The `answered` of who does not show progress."""


def map_in_processes(
    function: Callable[[_Item, BeforeWriting], _Result],
    items: Sequence[_Item],
    count: int,
    answered: Callable[[_Item], None] = _nothing,
) -> list[_Result | WorkerDeath]:
    """The results of a function for all items, in order, computed by up to `count` processes.

    A worker answers one item after the other. So if it dies, we know on which item, and a new
    worker takes over the rest. A worker gets its items in their order.

    answered: called after each item.

    Raises:
        UnusableError: no process can be started.
    """
    found: dict[int, _Result | WorkerDeath] = {}
    # Eight chunks for each process: few messages, and still an even share where files differ.
    size = max(1, len(items) // (count * 8))
    chunks = deque(range(len(items))[start : start + size] for start in range(0, len(items), size))
    busy: dict[object, _Worker] = {}
    with _pool(function) as start:
        while chunks or busy:
            while chunks and len(busy) < count:
                worker = start()
                busy[worker.pipe] = worker
                worker.give(items, chunks.popleft())
            for pipe in wait([each.pipe for each in busy.values()]):
                worker = busy[pipe]
                answer = worker.answer()
                number = worker.left.popleft()
                found[number] = answer
                answered(items[number])
                if isinstance(answer, WorkerDeath):
                    del busy[pipe]
                    chunks.extendleft([range(n, n + 1) for n in reversed(worker.left)])
                elif not worker.left and chunks:
                    worker.give(items, chunks.popleft())
                elif not worker.left:
                    del busy[pipe]
                    worker.give(items, ())
    return [found[number] for number in range(len(items))]


@contextmanager
def _pool(function: Callable[[_Item, BeforeWriting], object]) -> Iterator[Callable[[], _Worker]]:
    """A function that starts workers; when the context ends, all of them have ended.

    Nothing is ever written to the pipe `lifeline`, and only the parent holds its other end. When
    the parent ends for any reason, the workers read the end of the pipe.
    """
    lifeline, held = Pipe(duplex=False)
    started: list[_Worker] = []

    def start() -> _Worker:
        ours, theirs = Pipe()
        process = Process(target=_work, args=(function, theirs, lifeline, held))
        with errors_at("a worker process cannot be started"):
            process.start()
        theirs.close()
        started.append(_Worker(process, ours))
        return started[-1]

    try:
        yield start
    finally:
        held.close()
        for each in started:
            each.process.join()
            each.pipe.close()
        lifeline.close()


def _work(
    function: Callable[[_Item, BeforeWriting], object],
    pipe: "Connection[Any, Any]",
    lifeline: "Connection[Any, Any]",
    held: "Connection[Any, Any]",
) -> None:
    """Answer items until there are none, or until the parent is gone."""
    held.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    Thread(target=_end_after, args=(lifeline,), daemon=True).start()

    def before_writing() -> None:
        if lifeline.poll():
            sys.exit(1)

    with suppress(EOFError, ConnectionError):  # the parent is gone
        while items := pipe.recv():
            for item in items:
                before_writing()
                pipe.send(function(item, before_writing))


def _end_after(lifeline: "Connection[Any, Any]") -> None:
    """End the process some time after its parent, even in the middle of an item."""
    lifeline.poll(None)
    time.sleep(_GRACE)
    os._exit(1)
