"""A finding in plain words, for formats with one place for text."""

from collections.abc import Iterator

from einlint.diagnostics import Diagnostic
from einlint.output.trace_notes import trusted


def in_words(diagnostic: Diagnostic) -> str:
    """The message, and below it the replacement, what it rests on, the notes, and the cell."""
    return "\n".join(_lines(diagnostic))


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    yield diagnostic.message
    if diagnostic.fix is not None:
        yield diagnostic.fix.message
        for assumption in diagnostic.fix.unmet:
            yield f"safe if {assumption.condition}"
        yield from trusted(diagnostic.fix)
    yield from diagnostic.notes
    if diagnostic.cell is not None:
        yield f"in cell {diagnostic.cell}, row {diagnostic.range.start.row}"
