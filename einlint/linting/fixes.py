"""Choose fixes that can be applied in one round, and apply their edits to the text."""

from bisect import bisect_right
from collections.abc import Iterable

from einlint.diagnostics import Applicability, Diagnostic, Edit


def applicable(
    diagnostics: Iterable[Diagnostic], threshold: Applicability
) -> tuple[Diagnostic, ...]:
    """The diagnostics whose fixes reach `threshold` and can be applied together.

    A fix is applied with all its edits or not at all. Two fixes can be applied together if the
    edits of one lie between two neighbouring edits of the other, or before or after all of them.
    Of nested calls the outermost is fixed first; the next round finds the inner one again.
    """
    chosen: list[Diagnostic] = []
    starts: list[int] = []  # starts and ends of all chosen edits, which do not overlap
    ends: list[int] = []
    fixable = [each for each in diagnostics if each.is_fixable(threshold)]
    for diagnostic in sorted(fixable, key=_outermost_first):
        edits = edits_of([diagnostic])
        at = bisect_right(starts, edits[0].start)
        is_after = at == 0 or ends[at - 1] <= edits[0].start
        is_before = at == len(starts) or edits[-1].end <= starts[at]
        if is_after and is_before:
            chosen.append(diagnostic)
            starts[at:at] = [edit.start for edit in edits]
            ends[at:at] = [edit.end for edit in edits]
    return tuple(chosen)


def edits_of(diagnostics: Iterable[Diagnostic]) -> list[Edit]:
    """The edits of all fixes, in the order of the text."""
    edits = (edit for each in diagnostics if each.fix for edit in each.fix.edits)
    return sorted(edits, key=lambda edit: (edit.start, edit.end))


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits applied; they must not overlap."""
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += [text[position : edit.start], edit.content]
        position = edit.end
    return "".join([*pieces, text[position:]])


def _outermost_first(diagnostic: Diagnostic) -> tuple[int, int]:
    edits = edits_of([diagnostic])
    return edits[0].start, -edits[-1].end
