"""A trace by files and calls, for those who know the source."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from einlint.diagnostics import Seen
from einlint.source.lines import LineIndex
from einlint.trace.site import digest
from einlint.trace.store import Row, Site, Trace


@dataclass(frozen=True, slots=True)
class Record:
    """What was recorded of one call."""

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
    """The records of a file by the offset where the call ends in its text, which tells them apart.

    changed: how many calls have another source by now.
    """

    records: Mapping[int, Record] = field(default_factory=dict)
    changed: int = 0


@dataclass(frozen=True, slots=True)
class FileTrace:
    """What was recorded of one file, as its text was then."""

    sites: tuple[tuple[Site, tuple[Row, ...]], ...]
    total_seconds: float

    def placed(self, lines: LineIndex) -> PlacedTrace:
        """The records in the text as it is now.

        Where rows have moved or changed, a call is found if the text has such rows once: of
        several that are alike nobody knows which one it was.
        """
        records: dict[int, Record] = {}
        places = _places(lines, (site for site, _ in self.sites))
        has_moved = any(site.row not in rows for site, rows in places.items())
        changed = 0
        for site, calls in self.sites:
            rows = places[site] if has_moved else (site.row,)
            if len(rows) == 1:
                end_row = rows[0] + site.end_row - site.row
                records[lines.starts[end_row - 1] + site.end_column - 1] = Record(
                    calls, self.total_seconds
                )
            else:
                changed += 1
        return PlacedTrace(records, changed)


@dataclass(frozen=True, slots=True)
class TraceIndex:
    """The traces of files, by their paths without links.

    total_seconds: the time of all recorded calls.
    """

    files: Mapping[str, FileTrace]
    total_seconds: float

    def of(self, filename: str) -> FileTrace | None:
        """What was recorded of a file."""
        return self.files.get(os.path.realpath(filename))


def index_of(trace: Trace, api: str) -> TraceIndex:
    """The calls of one API whose place is known."""
    total = sum(row.seconds for row in trace.rows)
    files: dict[str, dict[Site, list[Row]]] = {}
    for site, row in _placed(trace.rows):
        files.setdefault(site.filename, {}).setdefault(site, []).append(row)
    found = {
        filename: FileTrace(tuple((site, tuple(rows)) for site, rows in sites.items()), total)
        for filename, sites in files.items()
    }
    only = {name: each for name, each in found.items() if _calls(each, api)}
    return TraceIndex(only, total)


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
    """Where the rows of each site are in a text: their first rows."""
    by_height: dict[int, dict[str | None, list[int]]] = {}
    found = {}
    for site in sites:
        height = site.end_row - site.row + 1
        if height not in by_height:
            by_height[height] = _by_digest(lines, height)
        found[site] = tuple(by_height[height].get(site.digest, ()))
    return found


def _by_digest(lines: LineIndex, height: int) -> dict[str | None, list[int]]:
    texts = [lines.line(row) for row in range(1, len(lines.starts) + 1)]
    rows: dict[str | None, list[int]] = {}
    for row in range(1, len(texts) - height + 2):
        rows.setdefault(digest(texts[row - 1 : row - 1 + height]), []).append(row)
    return rows
