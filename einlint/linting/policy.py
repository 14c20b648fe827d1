"""The policy: which findings are worth a line of every report, and which only of a pedantic one."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from einlint.diagnostics import Applicability, Diagnostic, Fix
from einlint.rulebook.rule import Rule, is_about_spelling


def is_pedantic(rule: Rule[Any], fix: Fix | None) -> bool:
    """Whether a finding is only worth reporting to those who ask for everything.

    That is another spelling whose replacement is not both safe here and simple: it rests on
    something unproved, or reads no better than the equation. And what a rule that is for its fixes
    cannot fix, or not for the better.
    """
    if rule.is_for_fixes:
        return fix is None or fix.applicability is Applicability.DISPLAY
    if not rule.is_about_spelling:
        return False
    return fix is None or not fix.is_worth_reporting


def with_covered(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings; another spelling of a call is hidden where a reported finding speaks for it.

    Its fix is applied all the same.
    """
    known = tuple(found)
    spoken_for = {span for each in known if not each.is_hidden for span in each.covers}
    for each in known:
        is_covered = is_about_spelling(each.code) and (each.start, each.end) in spoken_for
        yield replace(each, is_hidden=True, is_covered=True) if is_covered else each
