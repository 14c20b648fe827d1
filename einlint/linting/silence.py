"""Why a finding about a call is not in the report."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from einlint.algebra.canonical import canonical
from einlint.algebra.equation import parse
from einlint.linting.findings import Findings
from einlint.linting.one_call import JudgedCall
from einlint.linting.suppression.read import Suppressions, read_suppressions
from einlint.rewriting.advice import Action, Advice
from einlint.rulebook.rule import is_about_spelling
from einlint.rulebook.selection import rule_with, selected_rules
from einlint.settings import Settings
from einlint.source.finder import ParsedFile


@dataclass(frozen=True, slots=True)
class Hushed:
    """What bears on whether a finding is reported.

    code: the rule that has the finding; None if no rule has one.
    comments: the lines of the comments that silence it, for people.
    is_selected: the settings select the rule. is_default: so do the default settings.
    is_allowed: `allow` keeps the equation.
    advice: what to do about the call; None for an invalid one.
    unmet: the assumptions of its fix that are neither proved nor granted.
    spoken_for: the code of a finding that speaks for the call; None if there is none.
    """

    code: str | None
    comments: tuple[str, ...] = ()
    is_selected: bool = True
    is_default: bool = True
    is_allowed: bool = False
    advice: Advice | None = None
    unmet: tuple[str, ...] = ()
    spoken_for: str | None = None


def why_silent(hushed: Hushed) -> tuple[str, ...]:
    """The reasons why a finding that is not reported is not, in the order in which they count.

    Comments come first, then the settings, then what is worth a report: einsum that is better
    kept, and a replacement that is not safe here.
    """
    return tuple(_reasons(hushed))


def _reasons(hushed: Hushed) -> Iterator[str]:
    for line in hushed.comments:
        yield f"a comment on {line} silences it"
    if hushed.code is not None and not hushed.is_selected:
        how = "the settings turn it off" if hushed.is_default else "it is off by default"
        yield f"{hushed.code} is not selected: {how}"
    if hushed.spoken_for is not None:
        yield f"{hushed.spoken_for} speaks for the call; --fix applies its safe fix all the same"
    if hushed.is_allowed:
        yield "the setting `allow` keeps this equation"
    if hushed.advice is not None and hushed.advice.action is not Action.REPLACE:
        yield hushed.advice.reason
    if hushed.unmet:
        names = ", ".join(f"`{name}`" for name in hushed.unmet)
        yield f"only --pedantic reports it: neither proved nor granted is {names}"


def silences(
    judged: JudgedCall, found: Findings, parsed: ParsedFile, settings: Settings
) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
    """Why findings about a call are not reported: the code of each with its reasons.

    The code is None, with the reason of the advice, if no rule has a finding.

    found: the findings in the file of the call.
    """
    span = judged.call.start, judged.call.end
    reported = {each.code for each in found.reported if (each.start, each.end) == span}
    speaker = next((each.code for each in found.reported if span in each.covers), None)
    suppressions = read_suppressions(parsed.lines)
    codes = dict.fromkeys(code for code, _ in judged.findings if code not in reported)
    missing = [_hushed(code, judged, suppressions, settings) for code in codes]
    missing = [
        replace(each, spoken_for=speaker) if is_about_spelling(each.code or "") else each
        for each in missing
    ]
    if not judged.findings and judged.explanation is not None:
        missing.append(Hushed(None, advice=judged.explanation.advice))
    return tuple((each.code, why_silent(each)) for each in missing)


def _hushed(
    code: str, judged: JudgedCall, suppressions: Suppressions, settings: Settings
) -> Hushed:
    call, known, lines = judged.call, judged.explanation, suppressions.lines
    rule, is_spelling = rule_with(code), is_about_spelling(code)
    found = suppressions.silencing(code, call.start, call.end)
    comments = dict.fromkeys(lines.describe_line(lines.line_number(each.start)) for each in found)
    allowed = {str(canonical(parse(each))) for each in settings.allow}
    fix = judged.fix if is_spelling else None
    return Hushed(
        code,
        tuple(comments),
        rule in selected_rules(settings),
        rule.is_default,
        is_spelling and call.description.canonical in allowed,
        known.advice if known is not None and is_spelling else None,
        tuple(each.name for each in fix.unmet) if fix is not None else (),
    )
