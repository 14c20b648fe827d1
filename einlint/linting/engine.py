"""check(source, settings) and fix(source, settings): text in, findings or a new text out."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from einlint.diagnostics import Applicability, Diagnostic, Edit, Fact, Severity
from einlint.linting.findings import Change, Findings
from einlint.linting.fixes import applicable, edits_of, spliced
from einlint.linting.judging import RuleError, check_fact
from einlint.linting.moved_offsets import moved_offsets
from einlint.linting.policy import with_covered
from einlint.linting.shortened import hidden_findings
from einlint.linting.suppression.apply import apply_suppressions
from einlint.linting.wanted import may_hold_facts, wants_unused_suppressions
from einlint.linting.withheld import (
    functions_losing_errors,
    functions_of,
    with_notes,
    without_functions,
)
from einlint.rulebook.rule import Rule
from einlint.rulebook.selection import all_rules, selected_rules
from einlint.rules import unparsable
from einlint.settings import Settings
from einlint.source.callsite import CallSite
from einlint.source.facts.einsum_call import EinsumCall
from einlint.source.file import DecodeError, SourceFile, decoded, in_memory, keeps_encoding
from einlint.source.finder import ParsedFile, UnparsableError, parse_file
from einlint.source.gc_pause import gc_paused
from einlint.source.lines import LineIndex, Text
from einlint.source.prefilter import is_data, may_call_einsum, may_suppress
from einlint.source.unjudged import unjudged_calls

# Most runs fix nothing, and have no trace and no report of `einlint verify`: what these need is
# imported where it is used.
if TYPE_CHECKING:
    from einlint.linting.trace_index import FileTrace, PlacedTrace
    from einlint.linting.verified import Verified

# Each reads the whole file, and nested calls take one for each level.
_MOST_ROUNDS: Final = 12


def read(filename: str, data: bytes, settings: Settings) -> SourceFile | Findings:
    """Decode a file; Findings, mostly empty, if there is nothing to parse."""
    mentions = may_call_einsum(data, settings.functions)
    if not (
        may_hold_facts(data, settings)
        or (wants_unused_suppressions(settings) and may_suppress(data))
    ):
        return Findings()
    try:
        return _unless_data(decoded(filename, data), settings)
    except DecodeError as error:
        if not mentions:
            return Findings()
        return Findings(unreadable(0, str(error), filename, settings))


def read_text(filename: str, text: str, settings: Settings) -> SourceFile | Findings:
    """The same as `read` for a text that is already decoded."""
    if not may_hold_facts(text, settings):
        return Findings()
    try:
        return _unless_data(in_memory(filename, text), settings)
    except DecodeError as error:
        if not may_call_einsum(text, settings.functions):
            return Findings()
        return Findings(unreadable(0, str(error), filename, settings))


def _unless_data(source: SourceFile, settings: Settings) -> SourceFile | Findings:
    if not is_data(source.text, settings.functions):
        return source
    is_wanted = wants_unused_suppressions(settings) and may_suppress(source.text)
    return source if is_wanted else Findings()


@gc_paused()
def check(
    source: SourceFile,
    settings: Settings,
    trace: "FileTrace | None" = None,
    verified: "Verified | None" = None,
) -> Findings:
    """Everything the selected rules find in a file, in source order.

    trace: the calls in the file that a run recorded.
    verified: rewrites that were measured not to be slower here.

    Raises:
        RuleError: a rule failed.
        SettingsError: the settings select an unknown rule.
    """
    parsed = _read_unless_hidden(source, settings, trace, verified)
    if isinstance(parsed, Findings):
        return parsed
    return check_parsed(parsed, settings, trace, verified)


def _read_unless_hidden(
    source: SourceFile,
    settings: Settings,
    trace: "FileTrace | None",
    verified: "Verified | None",
) -> ParsedFile | Findings:
    """The parsed file; its findings where a first look shows that none is reported."""
    hidden = hidden_findings(source, settings) if trace is None and verified is None else None
    return hidden or read_python(source, settings)


def read_python(source: SourceFile, settings: Settings) -> ParsedFile | Findings:
    """The parsed file; Findings with EIN000 if Python cannot parse it."""
    try:
        return parse_file(source, settings.functions)
    except UnparsableError as error:
        if not may_call_einsum(source.text, settings.functions):
            return Findings()
        places = source.places or Text(source.text)
        return Findings(unparsed(error, 0, source.filename, settings), places)


def check_parsed(
    parsed: ParsedFile,
    settings: Settings,
    trace: "FileTrace | None" = None,
    verified: "Verified | None" = None,
) -> Findings:
    """The same as `check` for a file that is already parsed."""
    return _checked(parsed, settings, _placed(trace, parsed), verified)


@gc_paused()
def fix(
    source: SourceFile,
    settings: Settings,
    threshold: Applicability,
    trace: "FileTrace | None" = None,
    verified: "Verified | None" = None,
) -> Change:
    """Apply every reported fix that reaches `threshold`, over and over until none is left.

    Of calls that nest deeper than people write, the innermost ones are left to the next run. The
    text is parsed again after every round, and the records of a trace move with their calls. Unused
    einsum imports are removed at the end. That is an unsafe fix: another file may import the name
    from this one. No fix is applied whose text libcst reads in another way.

    verified: the only fixes to apply; None for all.

    Raises:
        RuleError: a rule failed, or a fix left text that Python cannot parse.
        SettingsError: the settings select an unknown rule.
    """
    from einlint.linting.second_reading import SecondReading
    from einlint.source.unused_imports import unused_imports

    # Fixes of nested calls overlap, and one fix can make another possible: hence the rounds.
    original = _read_unless_hidden(source, settings, trace, verified)
    if isinstance(original, Findings):
        return Change(source.text, original)
    parsed = original
    placed = _placed(trace, parsed)
    result = _checked(parsed, settings, placed, verified)
    fixed: list[Diagnostic] = []
    fixed_at: list[int] = []
    rounds: list[tuple[Edit, ...]] = []
    withheld: set[str] = set()
    second = SecondReading()

    def next_ones() -> tuple[Diagnostic, ...]:
        wanted = without_functions(_wanted(result, verified), withheld)
        return applicable(second.confirmed(wanted, parsed.source.text), threshold)

    for chosen in islice(iter(next_ones, ()), _MOST_ROUNDS):
        if second.is_doubtful(chosen, parsed.source.text):
            continue
        edits = _edits(parsed, chosen, settings)
        after = _reparsed(parsed, edits, chosen)
        if losing := functions_losing_errors(parsed, after, edits):
            # Where it is seen by calls of other functions, those wait too.
            withheld |= losing - withheld or functions_of(chosen)
            continue
        rounds.append(edits)
        before, parsed = parsed, after
        placed = _moved(placed, before, edits)
        result = _checked(parsed, settings, placed, verified)
        fixed += chosen
        fixed_at = moved_offsets([*fixed_at, *(each.start for each in chosen)], edits)
    if not fixed:
        result = second.with_notes(result, source.text)
        return Change(source.text, with_notes(result, withheld))
    if not keeps_encoding(parsed.source):
        raise RuleError(f"{source.filename}: the fixes would change the encoding of the file")
    if threshold <= Applicability.UNSAFE:
        for edits, shorter in _without_unused_imports(original, parsed):
            placed = _moved(placed, parsed, edits)
            parsed = shorter
            rounds.append(edits)
            fixed_at = moved_offsets(fixed_at, edits)
            result = _checked(parsed, settings, placed, verified)
    unused = unused_imports(original, parsed)
    result = second.with_notes(result, parsed.source.text)
    return Change(
        parsed.source.text,
        with_notes(result, withheld),
        tuple(fixed),
        tuple(rounds),
        unused=unused,
        fixed_at=tuple(fixed_at),
    )


def _wanted(found: Findings, verified: "Verified | None") -> tuple[Diagnostic, ...]:
    return found.applied if verified is None else verified.among(found.applied)


def _edits(
    parsed: ParsedFile, chosen: Sequence[Diagnostic], settings: Settings
) -> tuple[Edit, ...]:
    if not settings.annotate:
        return tuple(edits_of(chosen))
    from einlint.source.annotation import annotations

    return (*edits_of(chosen), *annotations(parsed.lines, chosen))


def _placed(trace: "FileTrace | None", parsed: ParsedFile) -> "PlacedTrace | None":
    return trace.placed(parsed.lines) if trace else None


def _moved(
    trace: "PlacedTrace | None", before: ParsedFile, edits: Sequence[Edit]
) -> "PlacedTrace | None":
    if trace is None or not trace.records:
        return trace
    from einlint.linting.trace_moves import moved

    return moved(trace, before.facts(CallSite), edits, before.source.text)


def _evidence(parsed: ParsedFile, placed: "PlacedTrace | None") -> Callable[[Fact], Fact]:
    """What adds to a fact what the trace shows."""
    if placed is None or not placed.records:
        return lambda fact: fact
    from einlint.linting.with_trace import with_trace_evidence
    from einlint.source.accelerator import accelerator_use

    elsewhere = accelerator_use(parsed.bound)
    return lambda fact: with_trace_evidence(fact, placed, elsewhere)


def _checked(
    parsed: ParsedFile,
    settings: Settings,
    placed: "PlacedTrace | None",
    verified: "Verified | None",
) -> Findings:
    rules = selected_rules(settings)
    facts: dict[type[Fact], list[Fact]] = {}
    with_evidence = _evidence(parsed, placed)

    def facts_of(kind: type[Fact]) -> list[Fact]:
        if kind not in facts:
            found = parsed.facts(kind)
            facts[kind] = list(map(with_evidence, found))
        return facts[kind]

    def findings_of(rules: Sequence[Rule[Any]]) -> list[Diagnostic]:
        by_kind: dict[type[Fact], list[Rule[Any]]] = {}
        for rule in sorted(rules, key=lambda rule: rule.is_last_resort):
            if rule.judges is not None:
                by_kind.setdefault(rule.judges, []).append(rule)
        found = [
            diagnostic
            for kind, judges in by_kind.items()
            for fact in facts_of(kind)
            for diagnostic in check_fact(fact, judges, parsed, settings)
        ]
        return sorted(
            found, key=lambda each: each.start
        )  # stable: findings at one place keep the order of the rules

    # The rules that are not selected run only if EIN901 needs to know what a comment is for.
    others = [rule for rule in all_rules() if rule not in rules]
    found, misspelt = apply_suppressions(
        findings_of(rules), parsed, settings, lambda: findings_of(others)
    )
    if verified is not None:
        found = [verified.with_measurement(each) for each in found]
    found = list(with_covered(found))
    calls = tuple(fact.description for fact in facts_of(EinsumCall))
    unjudged = unjudged_calls(parsed)
    lost = placed.lost if placed else frozenset()
    return Findings(tuple(found), parsed.lines.places, unjudged, lost, misspelt, calls)


def unreadable(
    offset: int, reason: str, filename: str, settings: Settings
) -> tuple[Diagnostic, ...]:
    """EIN000 for a file that mentions einsum and is no text, or no notebook."""
    return _ein000(
        f"the file {_mentions(settings)} and cannot be read: {reason}", offset, filename, settings
    )


def unparsed(
    error: UnparsableError, start: int, filename: str, settings: Settings, what: str = "file"
) -> tuple[Diagnostic, ...]:
    """EIN000 for a file, or the part of one at `start`, that mentions einsum and is no Python."""
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    message = f"the {what} {_mentions(settings)}, and {python} cannot read it: {error.reason}"
    notes = () if error.advice is None else (error.advice,)
    return _ein000(message, start + error.offset, filename, settings, notes)


def _mentions(settings: Settings) -> str:
    return f"mentions einsum{', or the name of a function' if settings.functions else ''}"


def _ein000(
    message: str, offset: int, filename: str, settings: Settings, notes: tuple[str, ...] = ()
) -> tuple[Diagnostic, ...]:
    rule = unparsable.RULE
    if rule not in selected_rules(settings):
        return ()
    about = (rule.code, rule.name, message, Severity.ERROR, filename)
    url = settings.page_url(rule.code)
    return (Diagnostic(*about, offset, offset, notes=notes, url=url),)


def _reparsed(
    parsed: ParsedFile, edits: Sequence[Edit], reasons: Sequence[Diagnostic]
) -> ParsedFile:
    """Apply the edits and parse the result: a file that does not parse is never written."""
    try:
        return _edited(parsed, edits)
    except UnparsableError as error:
        found = ((each.code, parsed.lines.line_number(each.start)) for each in reasons)
        places = ", ".join(f"{code} at line {line}" for code, line in found)
        line = LineIndex.of(spliced(parsed.source.text, edits)).line_number(error.offset)
        failure = f"the fixes of {places} broke the file: {error.reason} (line {line})"
        raise RuleError(f"{parsed.source.filename}: {failure}") from error


def _without_unused_imports(
    before: ParsedFile, after: ParsedFile
) -> Iterator[tuple[tuple[Edit, ...], ParsedFile]]:
    """Remove from `after` the imports that only `before` used: edits, and the file after them.

    Imports that cannot be removed cleanly are kept.
    """
    from einlint.source.unused_imports import removals

    while edits := removals(before, after):
        try:
            shorter = _edited(after, edits)
        except UnparsableError:
            break
        if not keeps_encoding(shorter.source):
            break
        after = shorter
        yield edits, after


def _edited(parsed: ParsedFile, edits: Sequence[Edit]) -> ParsedFile:
    source = parsed.source
    places = source.places.after(edits) if source.places else None
    text = spliced(source.text, edits)
    return parse_file(replace(source, text=text, places=places), parsed.functions)
