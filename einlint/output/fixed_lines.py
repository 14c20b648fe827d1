"""The lines that a fix changes, before and after it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from einlint.diagnostics import Diagnostic, Edit
from einlint.linting.fixes import spliced
from einlint.source.lines import LineIndex, TextMap


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Lines from number `row` on: those that go, and those that come in their place."""

    row: int
    removed: tuple[str, ...]
    added: tuple[str, ...]


def fixed_lines(diagnostic: Diagnostic, places: TextMap) -> Iterator[ChangedLines]:
    """The lines that its fix changes, in order; nothing if there is no fix, or no text to show."""
    edits = diagnostic.fix.edits if diagnostic.fix else ()
    here = places.place(diagnostic.start, diagnostic.end)
    lines = places.lines_around(here)
    if lines is None:
        return
    inside = []
    for each in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        place = places.place(each.start, each.end)
        if place.cell == here.cell:
            start, end = (
                lines.starts[at.row - 1] + at.column - 1 for at in (place.start, place.end)
            )
            inside.append(Edit(start, end, each.content))
    for group in _groups(inside, lines):
        changed = _changed(group, lines)
        if changed.removed or changed.added:
            yield changed


def _groups(edits: Sequence[Edit], lines: LineIndex) -> Iterator[list[Edit]]:
    """The edits, those together that touch the same lines."""
    group: list[Edit] = []
    for each in edits:
        if group and lines.line_number(each.start) > lines.line_number(group[-1].end):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _changed(edits: Sequence[Edit], lines: LineIndex) -> ChangedLines:
    """The lines of neighbouring edits, without those that stay as they are."""
    first, last = lines.line_number(edits[0].start), lines.line_number(edits[-1].end)
    start, end = lines.starts[first - 1], lines.end(last)
    moved = [Edit(each.start - start, each.end - start, each.content) for each in edits]
    before = lines.text[start:end]
    old, new = LineIndex.of(before), LineIndex.of(spliced(before, moved))
    removed, added = (
        [each.line(number) for number in range(1, len(each.starts) + 1)] for each in (old, new)
    )
    head = _alike(removed, added)
    removed, added = removed[head:], added[head:]
    tail = _alike(removed[::-1], added[::-1])
    return ChangedLines(
        first + head,
        tuple(removed[: len(removed) - tail]),
        tuple(added[: len(added) - tail]),
    )


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are the same at the start of both."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
