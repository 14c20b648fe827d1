"""A finding in plain words, for formats with one place for text."""

from collections.abc import Iterator

from einlint.diagnostics import Diagnostic
from einlint.output.trace_notes import trace_notes
from einlint.source.places import Place


def in_words(diagnostic: Diagnostic, place: Place) -> str:
    """The message, and below it the replacement, what it rests on, the notes, and the cell."""
    return "\n".join(_lines(diagnostic, place))


def _lines(diagnostic: Diagnostic, place: Place) -> Iterator[str]:
    yield diagnostic.message
    if diagnostic.fix is not None:
        yield diagnostic.fix.message
        for assumption in diagnostic.fix.unmet:
            yield f"safe if {assumption.condition}"
        yield from trace_notes(diagnostic.fix)
    yield from diagnostic.notes
    if place.cell is not None:
        yield f"in cell {place.cell}, line {place.start.row}"
