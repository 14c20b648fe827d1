"""Instructions: how many of the CPU a run takes, counted by callgrind; no load disturbs that.

Each count is a process of its own below valgrind, most of a minute long.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from types import FrameType
from typing import Final

from torch.utils.benchmark import Timer

from einlint.verify.measure import NoTimeError

_RUNS: Final = 100
_PROGRAMS: Final = ("valgrind", "callgrind_annotate")


def missing() -> str | None:
    """The program that counting needs and that is not here."""
    return next((name for name in _PROGRAMS if shutil.which(name) is None), None)


def instructions(
    text: str,
    names: Sequence[str],
    shapes: Sequence[tuple[int, ...]],
    dtype: str,
    seconds_left: float,
) -> int:
    """Instructions of one run of an expression, on operands of ones, on one thread.

    Raises:
        NoTimeError: the count does not fit in `seconds_left`.
        OSError: valgrind fails.
    """
    rows = ["import torch"]
    for name, shape in zip(names, shapes, strict=True):
        rows.append(f"{name} = torch.ones({tuple(shape)}, dtype=torch.{dtype})")
    timer = Timer(text, setup="\n".join(rows), num_threads=1)
    with _interpreter(), _limit(seconds_left):
        counted = timer.collect_callgrind(
            _RUNS, repeats=None, collect_baseline=False, retain_out_file=False
        )
    return round(counted.counts() / _RUNS)


@contextmanager
def _interpreter() -> Iterator[None]:
    """Torch runs the first `python` of PATH: it has to be this one, with hashes that stay."""
    wanted = {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
        "PYTHONHASHSEED": "0",
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """End what runs inside, and the process that it waits for, after so many seconds."""
    if seconds <= 0:
        raise NoTimeError

    def end(number: int, frame: FrameType | None) -> None:
        raise NoTimeError

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds if isfinite(seconds) else 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
