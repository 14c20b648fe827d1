"""Recorder: counts the calls of one process, and writes them to disk while it runs."""

import os
import threading
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from types import CodeType
from typing import Final

from einlint.trace.site import positions_of, site_at
from einlint.trace.store import Cost, Count, Signature, Site, to_lines
from einlint.trace.table import Table

now = time.perf_counter

# Seconds between two writes; writing may take at most this share of the time.
_INTERVAL: Final = 1.0
_SHARE: Final = 0.01
# Beyond this many keys they are dropped, to bound memory; the counts stay in the table.
_MOST_KEYS: Final = 100_000


class Recorder:
    """Counts calls. A forked process starts again from zero.

    New call sites are written at the next call, counts once a second; there is no extra thread.
    Errors in here are counted and never reach the program.
    """

    def __init__(self, folder: Path) -> None:
        self.cwd = os.getcwd()
        self._folder = folder
        self.begin()

    def begin(self) -> None:
        """Forget everything: for a new process."""
        self._lock = threading.RLock()
        self._table = Table()
        self._counts: dict[Hashable, Count] = {}
        self._sites: dict[tuple[int, int], Site] = {}
        self._codes: dict[int, CodeType] = {}
        self._started = now()
        self._spent = 0.0
        self._failures = 0
        self._has_news = False
        self._next_news = self._next_write = 0.0
        self._part = self._folder / f"{os.getpid()}-{time.time_ns()}.jsonl"

    def count(
        self,
        key: Hashable,
        seconds: float,
        describe: Callable[[], tuple[Site, Signature]],
        *,
        has_raised: bool = False,
    ) -> None:
        """Count a call. `describe` is called once for each `key`."""
        if has_raised:
            key = key, has_raised
        count = self._counts.get(key)
        if count is None:
            count = self._add_key(key, describe, has_raised)
        with self._lock:
            count.add(seconds, has_raised=has_raised)

    def _add_key(
        self, key: Hashable, describe: Callable[[], tuple[Site, Signature]], has_raised: bool
    ) -> Count:
        with self._lock:
            if len(self._counts) > _MOST_KEYS:
                self._counts.clear()
                self._sites.clear()
                self._codes.clear()
            count = self._table.count(*describe(), has_raised=has_raised)
            self._counts[key] = count
            self._has_news = True
        return count

    def site(self, code: CodeType, offset: int) -> Site:
        """The site of an instruction; keeps its code alive, so that ids in keys stay unique."""
        self._codes[id(code)] = code
        place = id(code), offset
        known = self._sites.get(place)
        if known is None:
            known = site_at(code.co_filename, positions_of(code, offset), self.cwd)
            self._sites[place] = known
        return known

    def count_failure(self) -> None:
        """Count a call that could not be recorded."""
        self._failures += 1

    def finish_call(self, began: float) -> None:
        """Add the time since `began` to the cost of recording, and write if it is time."""
        time_now = now()
        self._spent += time_now - began
        if time_now >= self._next_write or (self._has_news and time_now >= self._next_news):
            self.write()

    def write(self) -> None:
        """Replace the file on disk by the current counts."""
        began = now()
        with self._lock:
            rows = tuple(self._table.rows())
            if not (rows or self._failures):
                return
            self._has_news = False
            cost = Cost(began - self._started, self._spent, 1, self._failures)
            temporary = self._part.with_suffix(".new")
            try:
                temporary.write_text(to_lines(cost, rows), encoding="utf-8")
                temporary.replace(self._part)
            except OSError:
                pass  # the run has ended and its folder is removed, or the disk is full
            spent = now() - began
            self._spent += spent
            self._next_news = now() + spent / _SHARE
            self._next_write = max(self._next_news, now() + _INTERVAL)
