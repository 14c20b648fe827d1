"""How far a run is, on a terminal only: a line after two seconds, or a bar from the start."""

import os
import sys
import time
from io import StringIO
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_SILENT: Final = 2.0  # seconds
_BETWEEN: Final = 0.2  # seconds from one line to the next
_CLEAR: Final = "\r\x1b[K"


def is_watched() -> bool:
    """Whether somebody sees standard error now: not in files, pipes and logs of CI."""
    return sys.stderr.isatty() and not os.environ.get("CI")


def progress_bar(length: int, label: str) -> "ProgressBar[int]":
    """A bar on a terminal, from the start; nothing in files and logs."""
    stream = sys.stderr if is_watched() else StringIO()
    return click.progressbar(length=length, label=label, show_pos=True, file=stream)


class Progress:
    """Counts up to `total` files; its line is gone at the end, and never written unwatched.

    Written by hand: every check imports this, and nothing heavier is worth its time.
    """

    __slots__ = ("_done", "_is_shown", "_next", "_total")

    def __init__(self, total: int) -> None:
        self._total, self._done, self._is_shown = total, 0, False
        self._next = time.monotonic() + _SILENT if is_watched() else float("inf")

    def __enter__(self) -> "Progress":
        return self

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        now = time.monotonic()
        if now >= self._next:
            self._write(f"{_CLEAR}checked {self._done:,} of {self._total:,} files")
            self._is_shown, self._next = True, now + _BETWEEN

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._write(_CLEAR)

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
