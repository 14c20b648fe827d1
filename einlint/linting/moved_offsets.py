"""Offsets of a text, moved by edits of it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from einlint.diagnostics import Edit


def moved_offsets(offsets: Iterable[int], edits: Sequence[Edit]) -> list[int]:
    """The offsets after edits that do not overlap; one inside of an edit becomes its start."""
    edits = sorted(edits, key=lambda edit: (edit.start, edit.end))
    starts = [edit.start for edit in edits]
    growth = (len(edit.content) - (edit.end - edit.start) for edit in edits)
    shifts = [0, *accumulate(growth)]

    def moved(offset: int) -> int:
        before = bisect_left(starts, offset)
        if before and offset < edits[before - 1].end:
            return starts[before - 1] + shifts[before - 1]
        return offset + shifts[before]

    return [moved(offset) for offset in offsets]
