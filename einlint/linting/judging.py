"""Run rules on one fact, and turn their findings into diagnostics."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from einlint.algebra.canonical import canonical
from einlint.algebra.equation import parse
from einlint.diagnostics import Diagnostic, Fact, Fix
from einlint.linting.policy import is_pedantic
from einlint.rulebook.rule import Finding, Rule
from einlint.rulebook.selection import fixable_rules
from einlint.settings import Settings
from einlint.source.finder import ParsedFile
from einlint.unusable import UnusableError

# Rules that suggest another spelling, which `allow` turns off; the others report errors.
_ABOUT_SPELLING: Final = ("EIN1", "EIN2", "EIN3")

_SPANNING: Final = "no fix: it would change several cells at once"


class RuleError(Exception):
    """A rule or a fix of einlint failed; the message names the place of the bug."""


def in_one_line(error: Exception) -> str:
    """Why something is not checked; an unexpected error comes with its place in our code."""
    if isinstance(error, UnusableError | RuleError):
        return str(error)
    import traceback  # only a bug needs it

    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"internal error in {place.filename}:{place.lineno}: {error!r}"


def check_fact(
    fact: Fact, rules: Sequence[Rule[Any]], parsed: ParsedFile, settings: Settings
) -> list[Diagnostic]:
    """The diagnostics that the rules give for one fact; rules of last resort must come last.

    Raises:
        RuleError: a rule failed.
    """
    found: list[Diagnostic] = []
    is_allowed = fact.description.canonical in _allowed(settings.allow)
    for rule in rules:
        if rule.check is None or (rule.is_last_resort and found):
            continue
        if is_allowed and rule.code.startswith(_ABOUT_SPELLING):
            continue
        try:
            findings = list(rule.check(fact, settings))
        except Exception as error:
            place = parsed.lines.places.place(fact.start, fact.end).within(parsed.source.filename)
            raise RuleError(f"{rule.code} ({rule.name}) failed at {place}: {error!r}") from error
        found += [_diagnostic(rule, finding, fact, parsed, settings) for finding in findings]
    return found


def _diagnostic(
    rule: Rule[Any], finding: Finding, fact: Fact, parsed: ParsedFile, settings: Settings
) -> Diagnostic:
    fix, about = finding.fix, fact.description
    pedantic = is_pedantic(rule, fix)
    notes = (*finding.notes, *((about.seen.text,) if about.seen else ()))
    # Cells run in any order: a fix that needs edits in two of them is not offered.
    if fix is not None and _spans_cells(fix, parsed):
        fix, notes = fix._replace(edits=()), (*notes, _SPANNING)
    elif fix is not None and rule not in fixable_rules(settings):
        fix = fix._replace(edits=())
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        message=finding.message,
        severity=rule.severity,
        filename=parsed.source.filename,
        start=fact.start,
        end=fact.end,
        about=about,
        fix=fix,
        notes=notes,
        pointer=finding.pointer,
        fact=fact,
        is_pedantic=pedantic,
        is_hidden=pedantic and not settings.pedantic,
        spans=finding.spans,
        covers=finding.covers,
        url=settings.page_url(rule.code),
    )


def _spans_cells(fix: Fix, parsed: ParsedFile) -> bool:
    """Whether the edits of a fix lie in more than one cell of a notebook."""
    places = parsed.source.places
    if places is None:
        return False
    return len({places.place(each.start, each.start).cell for each in fix.edits}) > 1


@cache
def _allowed(equations: tuple[str, ...]) -> frozenset[str]:
    """The allowed equations in canonical form."""
    return frozenset(str(canonical(parse(each))) for each in equations)
