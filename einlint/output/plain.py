"""A finding as plain text, for formats with a single text field."""

from collections.abc import Iterator

from einlint.diagnostics import Diagnostic
from einlint.output.trace_notes import trace_notes
from einlint.source.places import Place


def describe(diagnostic: Diagnostic, place: Place) -> str:
    """The message; below it the replacement, unmet assumptions, the notes and the cell."""
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
