"""Drop the findings that comments silence, and report the comments that silence nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from einlint.diagnostics import Diagnostic, Fix, Misspelt
from einlint.linting.wanted import wants_unused_suppressions
from einlint.settings import Settings
from einlint.source.finder import ParsedFile
from einlint.source.prefilter import has_marker, may_suppress

# Most files have no such comment: what reads them is imported where there is one.
if TYPE_CHECKING:
    from einlint.linting.suppression.read import Suppressions
    from einlint.linting.suppression.silenced import Silenced


def apply_suppressions(
    found: Sequence[Diagnostic],
    parsed: ParsedFile,
    settings: Settings,
    of_other_rules: Callable[[], Iterable[Diagnostic]],
) -> tuple[list[Diagnostic], tuple[Misspelt, ...]]:
    """The findings that no comment silences, and those about the comments if EIN901 is selected.

    Also, if EIN901 is not, the comments that are meant to silence something and are misspelt.

    of_other_rules: the findings of the rules that are not selected; a comment that silences one
        of them is not unused.
    """
    reports_unused, text = wants_unused_suppressions(settings), parsed.source.text
    is_asked = may_suppress(text) if found or reports_unused else has_marker(text)
    if not is_asked:
        return list(found), ()
    from einlint.linting.suppression.read import read_suppressions
    from einlint.linting.suppression.silenced import Silenced
    from einlint.linting.suppression.unused import misspelt, unused_suppressions

    suppressions = read_suppressions(parsed.lines)
    silenced: list[Diagnostic] = []
    loud: list[Diagnostic] = []
    for each in found:
        (silenced if _is_silenced(each, suppressions) else loud).append(each)
    near = Silenced(silenced, suppressions)
    kept = [_keeping_comments(each, near, suppressions) for each in loud]
    if reports_unused:
        kept += unused_suppressions(suppressions, found, of_other_rules(), parsed, settings)
        kept.sort(key=lambda each: each.start)  # stable: findings at one place keep their order
    return kept, () if reports_unused else misspelt(suppressions)


def _is_silenced(diagnostic: Diagnostic, suppressions: "Suppressions") -> bool:
    return any(
        True for place in diagnostic.places for _ in suppressions.silencing(diagnostic.code, *place)
    )


def _keeping_comments(
    diagnostic: Diagnostic, silenced: "Silenced", suppressions: "Suppressions"
) -> Diagnostic:
    """The diagnostic; without edits if its fix would separate another call from its comment."""
    fix, lines = diagnostic.fix, suppressions.lines
    if fix is None:
        return diagnostic
    spans = [(diagnostic.start, diagnostic.end), *((each.start, each.end) for each in fix.edits)]
    touched = {lines.line_number(offset) for span in spans for offset in span}
    # On one line call and comment stay together whatever is replaced.
    if len(touched) == 1 or not any(
        _separates(fix, spans, each, suppressions) for each in silenced.near(spans)
    ):
        return diagnostic
    note = "no fix: it would move a call away from the comment that silences it"
    shown = fix._replace(edits=())
    return replace(diagnostic, fix=shown, notes=(*diagnostic.notes, note))


def _separates(
    fix: Fix, spans: Sequence[tuple[int, int]], silenced: Diagnostic, suppressions: "Suppressions"
) -> bool:
    """Whether the silenced call, or its comment, lies inside of what the fix replaces.

    A comment at the end of the statement silences the call wherever in it the fix moves it.
    """
    start, end = silenced.start, silenced.end
    comments = [each.start for each in suppressions.silencing(silenced.code, start, end)]
    replaced = [any(edit.start <= each < edit.end for edit in fix.edits) for each in comments]
    last = suppressions.last_line(start)
    if any(
        suppressions.lines.line_number(each) == last and not is_replaced
        for each, is_replaced in zip(comments, replaced, strict=True)
    ):
        return False
    return any(replaced) or any(
        (start, end) != each and each[0] <= start and end <= each[1] for each in spans
    )
