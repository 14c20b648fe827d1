"""Run random inputs of one kind until its time is over; a failure is shrunk and shown."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

_Input = TypeVar("_Input")

# Seconds of the processor for one input; none takes a tenth of it.
LONGEST = 20
# Inputs of one seed: hypothesis prefers simple ones at first, so several seeds find more.
BATCH = 50


class HangError(AssertionError):
    """An input took longer than LONGEST."""


@dataclass(slots=True)
class Fuzzer:
    """How long each kind is run (`seconds`, for a kind of share 1), and from which seed.

    inputs: how many inputs ran.
    """

    seconds: float
    seed: int
    inputs: int = 0

    def run(
        self, share: float, strategy: SearchStrategy[_Input], check: Callable[[_Input], object]
    ) -> None:
        """Check inputs of the strategy for this share of the time; at least one batch starts."""
        end = time.monotonic() + share * self.seconds
        number = self.seed
        while True:
            self._batch(number, strategy, check, end)
            number += 1
            if time.monotonic() > end:
                break
        assert self.inputs, "the time was over before anything ran"

    def _batch(
        self,
        number: int,
        strategy: SearchStrategy[_Input],
        check: Callable[[_Input], object],
        end: float,
    ) -> None:
        failed = False

        @seed(number)
        @settings(
            max_examples=BATCH,
            deadline=None,  # `in_time` looks for hangs; how busy the machine is says nothing
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def run(example: _Input) -> None:
            nonlocal failed
            if self.inputs and time.monotonic() > end and not failed:
                return  # the rest of the batch; while it shrinks a failure, everything has to run
            try:
                with in_time():
                    check(example)
            except Exception:
                failed = True
                raise
            self.inputs += 1

        run()


@contextmanager
def in_time(seconds: float = LONGEST) -> Iterator[None]:
    """Raise where the block takes longer.

    Raises:
        HangError: it did.
    """

    def stop(*_: object) -> None:
        raise HangError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
