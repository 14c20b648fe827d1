"""A line on the terminal that says how far a run is, once it takes longer than two seconds."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

_SILENT: Final = 2.0  # seconds
_BETWEEN: Final = 0.2  # seconds from one line to the next
_CLEAR: Final = "\r\x1b[K"


def is_watched() -> bool:
    """Whether somebody sees standard error now: not in files, pipes and logs of CI."""
    return sys.stderr.isatty() and not os.environ.get("CI")


@dataclass(slots=True)
class Progress:
    """Counts files; `next_line` is the time at which the next line may be written."""

    total: int
    next_line: float
    done: int = 0
    is_shown: bool = field(default=False, init=False)

    def step(self) -> None:
        """One more is done."""
        self.done += 1
        now = time.monotonic()
        if now >= self.next_line:
            self._write(f"{_CLEAR}checked {self.done:,} of {self.total:,} files")
            self.is_shown, self.next_line = True, now + _BETWEEN

    def clear(self) -> None:
        """Take the line away."""
        if self.is_shown:
            self._write(_CLEAR)

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


@contextmanager
def progress(total: int) -> Iterator[Progress]:
    """Count up to `total`; the line is gone at the end, and never written where nobody is."""
    start = time.monotonic() + _SILENT if is_watched() else float("inf")
    counted = Progress(total, start)
    try:
        yield counted
    finally:
        counted.clear()
