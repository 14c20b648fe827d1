"""Comments that silence nothing: the findings of EIN901, and those that are misspelt."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import shorten
from typing import Final

from einlint.diagnostics import Diagnostic, Fix, Misspelt
from einlint.linting.suppression.read import PREFIX, Code, Suppression, Suppressions
from einlint.linting.suppression.remove import remove_codes
from einlint.rulebook.selection import all_rules, fixable_rules
from einlint.rules import unused_suppression
from einlint.settings import Settings, did_you_mean
from einlint.source.finder import ParsedFile

_RULE = unused_suppression.RULE
_SHOWN: Final = 60


def unused_suppressions(
    suppressions: Suppressions,
    found: Iterable[Diagnostic],
    of_other_rules: Iterable[Diagnostic],
    parsed: ParsedFile,
    settings: Settings,
) -> Iterator[Diagnostic]:
    """The findings about comments, or codes in them, that silence nothing."""
    if not suppressions.comments.is_sure:
        return  # what looks like an unused comment may be part of a string
    used = _used(found, of_other_rules, suppressions)
    is_fixable, meant = _RULE in fixable_rules(settings), _meant(suppressions)
    for each in suppressions.found:
        if each in meant:
            continue
        unused = [code for code in each.codes if _is_checked(code, each) and code not in used]
        fault = _fault(each, unused, is_used=each in used)
        if fault is not None:
            about = (_RULE.code, _RULE.name, fault, _RULE.severity, parsed.source.filename)
            fix = None if each.fault else _fix(each, unused, suppressions, is_fixable=is_fixable)
            url = settings.page_url(_RULE.code)
            yield Diagnostic(*about, each.start, each.end, fix=fix, url=url)


def _used(
    found: Iterable[Diagnostic], others: Iterable[Diagnostic], suppressions: Suppressions
) -> set[Suppression | Code]:
    """The comments and codes that silence something.

    A comment without codes counts as used only by rules that are selected or on by default.
    """
    used = {part for _, part in _silencing(found, suppressions)}
    defaults = {rule.code for rule in all_rules() if rule.is_default}
    for code, part in _silencing(others, suppressions):
        if isinstance(part, Code) or code in defaults:
            used.add(part)
    return used


def _silencing(
    found: Iterable[Diagnostic], suppressions: Suppressions
) -> Iterator[tuple[str, Suppression | Code]]:
    """What silences findings, with their codes: once for all findings on the same lines."""
    wanted = {
        (each.code, lines)
        for each in found
        for place in each.places
        for lines in suppressions.where(*place)
    }
    for code, lines in wanted:
        for part in suppressions.matching(code, lines):
            yield code, part


def misspelt(suppressions: Suppressions) -> tuple[Misspelt, ...]:
    """The comments that are meant to silence findings and cannot be read.

    Unlike all that EIN901 reports, they are named without being asked for: whoever has written one
    relies on it.
    """
    if not suppressions.comments.is_sure:
        return ()
    text, meant = suppressions.lines.text, _meant(suppressions)
    return tuple(
        Misspelt(shorten(text[each.start : each.end], _SHOWN), each.fault, each.start)
        for each in suppressions.found
        if each.fault and not each.is_prose and each not in meant
    )


def _meant(suppressions: Suppressions) -> frozenset[Suppression]:
    """Those on whose lines EIN901 is silenced by its name: nothing is said about them."""
    naming = [
        each
        for each in suppressions.found
        if not each.fault and any(map(_is_about_comments, each.codes))
    ]
    if any(each.is_for_file for each in naming):
        return frozenset(suppressions.found)
    lines = {each.line for each in naming}
    return frozenset(each for each in suppressions.found if each.line in lines)


def _is_about_comments(code: Code) -> bool:
    """Whether it names EIN901 itself, and not all rules (`EIN`)."""
    return code.matches(_RULE.code) and len(code.text) > len(PREFIX)


def _is_checked(code: Code, suppression: Suppression) -> bool:
    is_ours = code.is_ours or not suppression.is_noqa
    return is_ours and not _is_about_comments(code)


def _fault(suppression: Suppression, unused: Sequence[Code], *, is_used: bool) -> str | None:
    """What is wrong with a comment; None if nothing is wrong."""
    if suppression.fault:
        return f"the comment silences nothing: {suppression.fault}"
    if suppression.is_noqa and not unused:
        return None
    if suppression.is_blanket:
        return None if is_used else "the comment silences nothing"
    if not suppression.codes:
        return "the comment silences nothing: it names no code"
    return "; ".join(map(_describe, unused)) or None


def _describe(code: Code) -> str:
    known = [rule.code for rule in all_rules()]
    if any(code.matches(each) for each in known):
        return f"`{code.text}` silences nothing"
    return f"`{code.text}` is the code of no rule{did_you_mean(code.text.upper(), known)}"


def _fix(
    suppression: Suppression,
    unused: Sequence[Code],
    suppressions: Suppressions,
    *,
    is_fixable: bool,
) -> Fix:
    is_whole = len(unused) == len(suppression.codes)
    what = "the comment" if is_whole else ", ".join(f"`{code.text}`" for code in unused)
    edit = remove_codes(suppression, unused, suppressions.lines)
    return Fix(f"Remove {what}", (edit,) if is_fixable else ())
