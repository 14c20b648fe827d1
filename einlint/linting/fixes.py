"""Choose the fixes that may be applied together, and splice their edits into the text."""

from collections.abc import Iterable, Sequence

from einlint.diagnostics import Applicability, Diagnostic, Edit


def applicable(
    diagnostics: Iterable[Diagnostic], threshold: Applicability
) -> tuple[Diagnostic, ...]:
    """The diagnostics whose fix reaches `threshold`, without those that overlap an earlier one.

    Of nested calls the outermost is taken; the inner one is found again in the fixed text.
    """
    chosen: list[Diagnostic] = []
    end = -1
    fixable = [each for each in diagnostics if is_fixable(each, threshold)]
    for diagnostic in sorted(fixable, key=_outermost_first):
        start, stop = _extent(_edits(diagnostic))
        if start >= end:
            chosen.append(diagnostic)
            end = stop
    return tuple(chosen)


def is_fixable(diagnostic: Diagnostic, threshold: Applicability) -> bool:
    """Whether the diagnostic has a fix that reaches `threshold` and edits something."""
    fix = diagnostic.fix
    return fix is not None and bool(fix.edits) and fix.applicability >= threshold


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; they must not overlap."""
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += [text[position : edit.start], edit.content]
        position = edit.end
    return "".join([*pieces, text[position:]])


def _edits(diagnostic: Diagnostic) -> Sequence[Edit]:
    return diagnostic.fix.edits if diagnostic.fix else ()


def _extent(edits: Sequence[Edit]) -> tuple[int, int]:
    return min(edit.start for edit in edits), max(edit.end for edit in edits)


def _outermost_first(diagnostic: Diagnostic) -> tuple[int, int]:
    start, end = _extent(_edits(diagnostic))
    return start, -end
