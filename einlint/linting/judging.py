"""What the rules say of one call: their findings as diagnostics with the facts of the call."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from einlint.algebra.canonical import canonical
from einlint.algebra.equation import parse
from einlint.diagnostics import CallFacts, Diagnostic
from einlint.rulebook.rule import EinsumCall, Finding, Rule
from einlint.rulebook.selection import fixable_rules
from einlint.settings import Settings

# Rules that would have another spelling; the others say that a call is wrong.
_OF_SPELLING: Final = ("EIN1", "EIN2", "EIN3")


class RuleError(Exception):
    """A rule, or a fix of ours, failed: our bug, named with its place."""


def diagnostics_of(
    call: EinsumCall, rules: Sequence[Rule], filename: str, settings: Settings
) -> list[Diagnostic]:
    """What the rules say of one call; those of last resort come last."""
    found: list[Diagnostic] = []
    is_kept = _canonical(call) in _kept(settings.allow)
    for rule in rules:
        if rule.is_last_resort and found:
            continue
        if is_kept and rule.code.startswith(_OF_SPELLING):
            continue
        try:
            findings = list(rule.check(call, settings))
        except Exception as error:
            place = f"{filename}:{call.site.range.start.row}:{call.site.range.start.column}"
            raise RuleError(f"{rule.code} ({rule.name}) failed at {place}: {error!r}") from error
        found += [_diagnostic(rule, finding, call, filename, settings) for finding in findings]
    return found


def _diagnostic(
    rule: Rule, finding: Finding, call: EinsumCall, filename: str, settings: Settings
) -> Diagnostic:
    fix = finding.fix
    if fix is not None and rule not in fixable_rules(settings):
        fix = replace(fix, edits=())
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        message=finding.message,
        severity=rule.severity,
        filename=filename,
        range=call.site.range,
        call=_facts(call),
        fix=fix,
        notes=(*finding.notes, *((call.seen.text,) if call.seen else ())),
    )


def _facts(call: EinsumCall) -> CallFacts:
    contraction = call.contraction
    if contraction is None:
        return CallFacts(call.site.api.name, call.text, seen=call.seen, function=call.site.function)
    return CallFacts(
        call.site.api.name,
        call.text,
        _canonical(call),
        contraction.kind.value,
        tuple(contraction.roles.as_text().items()),
        call.seen,
        call.site.function,
    )


def _canonical(call: EinsumCall) -> str | None:
    return None if call.contraction is None else str(canonical(call.contraction.equation))


@cache
def _kept(equations: tuple[str, ...]) -> frozenset[str]:
    """The equations that the settings allow, as `_canonical` writes them."""
    return frozenset(str(canonical(parse(each))) for each in equations)
