"""What the rules say of one fact: their findings as diagnostics that keep it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

from einlint.algebra.canonical import canonical
from einlint.algebra.equation import parse
from einlint.diagnostics import Diagnostic, Fact, Fix
from einlint.rulebook.rule import Rule
from einlint.rulebook.selection import fixable_rules
from einlint.settings import Settings
from einlint.source.finder import ParsedFile

# Rules that would have another spelling; the others say that a fact is wrong.
_OF_SPELLING: Final = ("EIN1", "EIN2", "EIN3")


class RuleError(Exception):
    """A rule, or a fix of ours, failed: our bug, named with its place."""


def check_fact(
    fact: Fact, rules: Sequence[Rule[Any]], parsed: ParsedFile, settings: Settings
) -> list[Diagnostic]:
    """What the rules say of one fact of their kind; those of last resort come last.

    Raises:
        RuleError: a rule failed.
    """
    found: list[Diagnostic] = []
    filename, about = parsed.source.filename, fact.description
    is_kept = about.canonical in _kept(settings.allow)
    for rule in rules:
        if rule.check is None or (rule.is_last_resort and found):
            continue
        if is_kept and rule.code.startswith(_OF_SPELLING):
            continue
        try:
            findings = list(rule.check(fact, settings))
        except Exception as error:
            place = parsed.lines.places.place(fact.start, fact.end).within(filename)
            raise RuleError(f"{rule.code} ({rule.name}) failed at {place}: {error!r}") from error
        found += [
            Diagnostic(
                code=rule.code,
                name=rule.name,
                message=each.message,
                severity=rule.severity,
                filename=filename,
                start=fact.start,
                end=fact.end,
                about=about,
                fix=_permitted(each.fix, rule, settings),
                notes=(*each.notes, *((about.seen.text,) if about.seen else ())),
                fact=fact,
            )
            for each in findings
        ]
    return found


def _permitted(fix: Fix | None, rule: Rule[Any], settings: Settings) -> Fix | None:
    """The fix, which can only be shown where the settings do not let it be applied."""
    if fix is None or rule in fixable_rules(settings):
        return fix
    return replace(fix, edits=())


@cache
def _kept(equations: tuple[str, ...]) -> frozenset[str]:
    """The equations that the settings allow, in their canonical form."""
    return frozenset(str(canonical(parse(each))) for each in equations)
