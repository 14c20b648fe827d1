"""Which findings the comments of a file silence."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from einlint.diagnostics import Diagnostic, Fix
from einlint.linting.suppression.read import Suppressions, read_suppressions
from einlint.linting.suppression.unused import unused_suppressions, wants_unused_suppressions
from einlint.settings import Settings
from einlint.source.finder import ParsedFile
from einlint.source.prefilter import may_suppress


def apply_suppressions(
    found: Sequence[Diagnostic],
    parsed: ParsedFile,
    settings: Settings,
    of_other_rules: Callable[[], Iterable[Diagnostic]],
) -> list[Diagnostic]:
    """The findings that no comment silences, and those about the comments if EIN901 is selected.

    of_other_rules: what the rules say that are not selected; a comment for them is not unused.
    """
    is_judged = wants_unused_suppressions(settings)
    if not (found or is_judged) or not may_suppress(parsed.source.text):
        return list(found)
    suppressions = read_suppressions(parsed.lines)
    silent = [each for each in found if _is_silent(each, suppressions)]
    kept = [
        _keeping_silence(each, silent, suppressions)
        for each in found
        if not _is_silent(each, suppressions)
    ]
    if is_judged:
        kept += unused_suppressions(suppressions, found, of_other_rules(), parsed, settings)
        kept.sort(key=lambda each: each.start)  # of one place the order stays
    return kept


def _is_silent(diagnostic: Diagnostic, suppressions: Suppressions) -> bool:
    found = suppressions.silencing(diagnostic.code, diagnostic.start, diagnostic.end)
    return any(True for _ in found)


def _keeping_silence(
    diagnostic: Diagnostic, silent: Sequence[Diagnostic], suppressions: Suppressions
) -> Diagnostic:
    """The diagnostic, its fix only shown where it would part a silent call from its comment."""
    fix, lines = diagnostic.fix, suppressions.lines
    if fix is None:
        return diagnostic
    spans = [(diagnostic.start, diagnostic.end), *((each.start, each.end) for each in fix.edits)]
    rows = {lines.line_number(offset) for span in spans for offset in span}
    if len(rows) == 1 or not any(_parts(fix, spans, each, suppressions) for each in silent):
        return diagnostic
    note = "no fix is offered: it would move a call away from the comment that silences it"
    shown = replace(fix, edits=())
    return replace(diagnostic, fix=shown, notes=(*diagnostic.notes, note))


def _parts(
    fix: Fix, spans: Sequence[tuple[int, int]], silent: Diagnostic, suppressions: Suppressions
) -> bool:
    """Whether the silent call lies inside of what is fixed, or its comment does."""
    start, end = silent.start, silent.end
    if any((start, end) != each and each[0] <= start and end <= each[1] for each in spans):
        return True
    return any(
        edit.start <= each.start < edit.end
        for each in suppressions.silencing(silent.code, start, end)
        for edit in fix.edits
    )
