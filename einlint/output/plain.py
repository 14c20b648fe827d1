"""A finding as plain text, for formats with a single text field."""

from collections.abc import Iterator

from einlint.diagnostics import Applicability, Diagnostic, Fix
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


def caveat(fix: Fix) -> str:
    """What to know before applying a fix, to stand behind its message; empty if it is safe."""
    if fix.applicability is Applicability.UNSAFE:
        return " (unsafe: --unsafe-fixes)"
    is_shown_only = fix.edits and fix.applicability is Applicability.DISPLAY
    return " (never applied as long as it may be slower)" if is_shown_only else ""
