"""Which findings the comments of a file silence, and which of its comments silence nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from einlint.diagnostics import Diagnostic, Edit, Fix, Range
from einlint.linting.suppression.edits import without_codes
from einlint.linting.suppression.read import (
    PREFIX,
    Code,
    Suppression,
    Suppressions,
    suppressions_of,
)
from einlint.rulebook.selection import all_rules, fixable_rules, selected_rules
from einlint.rules import unused_suppression
from einlint.settings import Settings, did_you_mean
from einlint.source.finder import ParsedFile
from einlint.source.prefilter import may_suppress

_RULE = unused_suppression.RULE


def heard(
    found: Sequence[Diagnostic],
    parsed: ParsedFile,
    settings: Settings,
    of_other_rules: Callable[[], Iterable[Diagnostic]],
) -> list[Diagnostic]:
    """The findings that no comment silences, and those about the comments if EIN901 is selected.

    of_other_rules: what the rules say that are not selected; a comment for them is not unused.
    """
    is_judged = _RULE in selected_rules(settings)
    if not (found or is_judged) or not may_suppress(parsed.source.text):
        return list(found)
    suppressions = suppressions_of(parsed.lines)
    silent = [each for each in found if _is_silent(each, suppressions)]
    kept = [
        _keeping_silence(each, silent, suppressions)
        for each in found
        if not _is_silent(each, suppressions)
    ]
    if is_judged:
        used = _used(found, of_other_rules(), suppressions)
        unused = _unused(suppressions, used, parsed)
        is_fixable = _RULE in fixable_rules(settings)
        kept += [each if is_fixable else _only_shown(each) for each in unused]
        kept.sort(key=lambda each: each.range.start)  # of one place the order stays
    return kept


def _only_shown(diagnostic: Diagnostic) -> Diagnostic:
    fix = diagnostic.fix
    return diagnostic if fix is None else replace(diagnostic, fix=replace(fix, edits=()))


def _is_silent(diagnostic: Diagnostic, suppressions: Suppressions) -> bool:
    return any(True for _ in suppressions.silencing(diagnostic.code, diagnostic.range))


def _keeping_silence(
    diagnostic: Diagnostic, silent: Sequence[Diagnostic], suppressions: Suppressions
) -> Diagnostic:
    """The diagnostic, its fix only shown where it would part a silent call from its comment."""
    fix, where = diagnostic.fix, diagnostic.range
    if fix is None or where.start.row == where.end.row:
        return diagnostic
    if not any(_parts(fix, where, each, suppressions) for each in silent):
        return diagnostic
    note = "no fix is offered: it would move a call away from the comment that silences it"
    return replace(_only_shown(diagnostic), notes=(*diagnostic.notes, note))


def _parts(fix: Fix, where: Range, silent: Diagnostic, suppressions: Suppressions) -> bool:
    """Whether the silent call lies inside of the one that is fixed, or its comment does."""
    other = silent.range
    if other != where and where.start <= other.start and other.end <= where.end:
        return True
    return any(
        edit.start <= each.start < edit.end
        for each in suppressions.silencing(silent.code, other)
        for edit in fix.edits
    )


def _used(
    found: Iterable[Diagnostic], others: Iterable[Diagnostic], suppressions: Suppressions
) -> set[Suppression | Code]:
    """The comments and codes that silence something.

    A comment without codes is not there for rules that are neither selected nor on by default.
    """
    used = {part for each in found for part in suppressions.silencing(each.code, each.range)}
    defaults = {rule.code for rule in all_rules() if rule.is_default}
    for each in others:
        for part in suppressions.silencing(each.code, each.range):
            if isinstance(part, Code) or each.code in defaults:
                used.add(part)
    return used


def _unused(
    suppressions: Suppressions, used: set[Suppression | Code], parsed: ParsedFile
) -> Iterator[Diagnostic]:
    for each in suppressions.found:
        where = parsed.lines.range(each.start, each.end)
        parts = suppressions.silencing(_RULE.code, where)
        if any(isinstance(part, Code) and _is_about_comments(part) for part in parts):
            continue
        idle = [code for code in each.codes if _is_judged(code, each) and code not in used]
        fault = _fault(each, idle, is_used=each in used)
        if fault is not None:
            fix = None if each.fault else _fix(each, idle, parsed)
            name, place = _RULE.name, parsed.source.filename
            yield Diagnostic(_RULE.code, name, fault, _RULE.severity, place, where, fix=fix)


def _is_about_comments(code: Code) -> bool:
    """Whether it names this very rule, and not all rules."""
    return code.stands_for(_RULE.code) and len(code.text) > len(PREFIX)


def _is_judged(code: Code, suppression: Suppression) -> bool:
    is_ours = code.is_of_einlint or not suppression.is_noqa
    return is_ours and not _is_about_comments(code)


def _fault(suppression: Suppression, idle: Sequence[Code], *, is_used: bool) -> str | None:
    """What is wrong with a comment; None if nothing is."""
    if suppression.fault:
        return f"the comment silences nothing: it {suppression.fault}"
    if suppression.is_noqa and not idle:
        return None
    if suppression.is_blanket:
        return None if is_used else "the comment silences nothing"
    if not suppression.codes:
        return "the comment silences nothing: it names no code"
    return "; ".join(map(_of_code, idle)) or None


def _of_code(code: Code) -> str:
    known = [rule.code for rule in all_rules()]
    if any(code.stands_for(each) for each in known):
        return f"`{code.text}` silences nothing"
    return f"`{code.text}` is the code of no rule{did_you_mean(code.text.upper(), known)}"


def _fix(suppression: Suppression, idle: Sequence[Code], parsed: ParsedFile) -> Fix:
    start, end, content = without_codes(suppression, idle, parsed.lines)
    is_whole = len(idle) == len(suppression.codes)
    what = "the comment" if is_whole else ", ".join(f"`{code.text}`" for code in idle)
    edit = Edit(start, end, content, parsed.lines.range(start, end))
    return Fix(f"Remove {what}", (edit,))
