"""A trace by file and call site, and the search for each recorded call in the current source."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from einlint.diagnostics import Seen
from einlint.source.lines import LineIndex
from einlint.trace.site import digest
from einlint.trace.store import Row, Site, Trace


@dataclass(frozen=True, slots=True)
class Record:
    """The trace rows of one call."""

    rows: tuple[Row, ...]
    total_seconds: float

    @property
    def seen(self) -> Seen:
        """How often it was called, and its share of the time of all recorded calls."""
        seconds = sum(row.seconds for row in self.rows)
        share = seconds / self.total_seconds if self.total_seconds else 0.0
        return Seen(sum(row.calls for row in self.rows), share)


@dataclass(frozen=True, slots=True)
class PlacedTrace:
    """The records of a file by the offset at which the call ends in the current text.

    lost: the recorded calls that are no longer in the source.
    """

    records: Mapping[int, Record] = field(default_factory=dict)
    lost: frozenset[Site] = frozenset()

    @property
    def changed(self) -> int:
        """How many recorded calls are no longer in the source."""
        return len(self.lost)


@dataclass(frozen=True, slots=True)
class FileTrace:
    """The recorded calls of one file, at their places in the text of that time."""

    sites: tuple[tuple[Site, tuple[Row, ...]], ...]
    total_seconds: float

    def placed(self, lines: LineIndex) -> PlacedTrace:
        """Find the recorded calls in the current text.

        If lines have moved or changed, a call is found by the text of its lines, provided that
        this text occurs once; among several equal ones the right one is unknown.
        """
        records: dict[int, Record] = {}
        places = _places(lines, (site for site, _ in self.sites))
        has_moved = any(site.row not in lines_found for site, lines_found in places.items())
        lost = set()
        for site, calls in self.sites:
            first_lines = places[site] if has_moved else (site.row,)
            if len(first_lines) == 1:
                last_line = first_lines[0] + site.end_row - site.row
                end = lines.starts[last_line - 1] + site.end_column - 1
                records[end] = Record(calls, self.total_seconds)
            else:
                lost.add(site)
        return PlacedTrace(records, frozenset(lost))


@dataclass(frozen=True, slots=True)
class TraceIndex:
    """The traces of files, by their real paths (links resolved).

    total_seconds: the time of all recorded calls, those that raised too.
    rows: all lines of the trace. failures: how many calls could not be recorded.
    """

    files: Mapping[str, FileTrace]
    total_seconds: float
    rows: tuple[Row, ...] = ()
    failures: int = 0

    def of(self, filename: str) -> FileTrace | None:
        """The trace of a file, by any of its paths."""
        return self.files.get(os.path.realpath(filename))


def index_of(trace: Trace, api: str) -> TraceIndex:
    """Index the calls of one API whose place is known."""
    total = sum(row.all_seconds for row in trace.rows)
    files: dict[str, dict[Site, list[Row]]] = {}
    for site, row in _placed(trace.rows):
        files.setdefault(site.filename, {}).setdefault(site, []).append(row)
    found = {
        filename: FileTrace(tuple((site, tuple(rows)) for site, rows in sites.items()), total)
        for filename, sites in files.items()
    }
    only = {name: each for name, each in found.items() if _calls(each, api)}
    return TraceIndex(only, total, trace.rows, trace.cost.failures)


def _placed(rows: Iterable[Row]) -> Iterator[tuple[Site, Row]]:
    for row in rows:
        if row.site is not None and row.site.digest is not None and row.site.column:
            yield row.site, row


def _calls(trace: FileTrace, api: str) -> bool:
    return any(
        row.signature is not None and row.signature.api == api
        for _, rows in trace.sites
        for row in rows
    )


def _places(lines: LineIndex, sites: Iterable[Site]) -> dict[Site, tuple[int, ...]]:
    """For each site, the first lines of all places in the text with the lines of that site."""
    by_height: dict[int, dict[str | None, list[int]]] = {}
    found = {}
    for site in sites:
        height = site.end_row - site.row + 1
        if height not in by_height:
            by_height[height] = _by_digest(lines, height)
        found[site] = tuple(by_height[height].get(site.digest, ()))
    return found


def _by_digest(lines: LineIndex, height: int) -> dict[str | None, list[int]]:
    """The digest of every `height` consecutive lines -> the numbers of their first lines."""
    texts = [lines.line(number) for number in range(1, len(lines.starts) + 1)]
    found: dict[str | None, list[int]] = {}
    for number in range(1, len(texts) - height + 2):
        found.setdefault(digest(texts[number - 1 : number - 1 + height]), []).append(number)
    return found
