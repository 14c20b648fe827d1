"""check(source, settings) and fix(source, settings): no printing, no files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from einlint.diagnostics import (
    Applicability,
    Diagnostic,
    Edit,
    Position,
    Range,
    Severity,
)
from einlint.linting.fixes import applicable, spliced
from einlint.linting.judging import RuleError, diagnostics_of
from einlint.linting.suppression.apply import heard
from einlint.linting.trace_index import FileTrace, PlacedTrace
from einlint.linting.trace_moves import moved
from einlint.linting.verified import Verified
from einlint.linting.with_trace import witnessed
from einlint.rulebook.rule import Rule, einsum_call
from einlint.rulebook.selection import all_rules, selected_rules
from einlint.rules import unparsable, unused_suppression
from einlint.settings import Settings
from einlint.source.annotation import annotations
from einlint.source.file import DecodeError, SourceFile, decoded, in_memory, keeps_encoding
from einlint.source.finder import ParsedFile, UnparsableError, find_calls, parse_file
from einlint.source.gc_pause import garbage_kept
from einlint.source.prefilter import may_call_einsum, may_suppress
from einlint.source.unused_imports import removal


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The findings of one file, and how many of its calls could not be judged.

    unknown_equations: calls whose equation is not literal.
    changed_since_trace: recorded calls whose source is another by now.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    unknown_equations: int = 0
    changed_since_trace: int = 0


@dataclass(frozen=True, slots=True)
class FixResult:
    """The fixed text, the diagnostics that were fixed, and what is left to report.

    rounds: the edits that led to the text, each of them on the text that those before it made.
    """

    text: str
    fixed: tuple[Diagnostic, ...]
    remaining: CheckResult
    rounds: tuple[tuple[Edit, ...], ...] = ()


def read(filename: str, data: bytes, settings: Settings) -> SourceFile | CheckResult:
    """The file's source, or the result of checking it where there is nothing to look at."""
    mentions = may_call_einsum(data, settings.functions)
    if not (mentions or (judges_comments(settings) and may_suppress(data))):
        return CheckResult()
    try:
        return decoded(filename, data)
    except DecodeError as error:
        if not mentions:
            return CheckResult()
        return unparsable_at(Position(1, 1), str(error), filename, settings)


def read_text(filename: str, text: str, settings: Settings) -> SourceFile | CheckResult:
    """The same for a text that is already decoded."""
    if not may_call_einsum(text, settings.functions):
        return CheckResult()
    try:
        return in_memory(filename, text)
    except DecodeError as error:
        return unparsable_at(Position(1, 1), str(error), filename, settings)


@garbage_kept()
def check(source: SourceFile, settings: Settings, trace: FileTrace | None = None) -> CheckResult:
    """Everything the selected rules find in a file, in source order.

    trace: what was recorded of the file.

    Raises:
        RuleError: a rule failed.
        SettingsError: the settings select an unknown rule.
    """
    try:
        parsed = parse_file(source, settings.functions)
    except UnparsableError as error:
        if not may_call_einsum(source.text, settings.functions):
            return CheckResult()
        place = Position(error.row, error.column)
        return unparsable_at(place, error.reason, source.filename, settings)
    return _checked(parsed, settings, _placed(trace, parsed))


@garbage_kept()
def fix(
    source: SourceFile,
    settings: Settings,
    threshold: Applicability,
    trace: FileTrace | None = None,
    verified: Verified | None = None,
) -> FixResult:
    """Apply every fix that reaches `threshold`, over and over until none is left.

    The text is parsed again after every round. An import of einsum that no call needs any more
    goes last. What a trace says of a call goes with it from round to round.

    verified: the only fixes to apply; None for all.

    Raises:
        RuleError: a rule failed, or a fix left text that Python cannot parse.
        SettingsError: the settings select an unknown rule.
    """
    try:
        parsed = original = parse_file(source, settings.functions)
    except UnparsableError:
        return FixResult(source.text, (), check(source, settings))
    placed = _placed(trace, parsed)
    result = _checked(parsed, settings, placed)
    fixed: list[Diagnostic] = []
    rounds: list[tuple[Edit, ...]] = []
    while chosen := applicable(_wanted(result, parsed, verified), threshold):
        rounds.append(_edits(parsed, chosen, settings))
        before, parsed = parsed, _reparsed(parsed, rounds[-1], chosen)
        placed = _moved(placed, before, rounds[-1], parsed)
        result = _checked(parsed, settings, placed)
        fixed += chosen
    if not fixed:
        return FixResult(source.text, (), result)
    if not keeps_encoding(parsed.source):
        raise RuleError(f"{source.filename}: the fixes would change the encoding of the file")
    for edits, shorter in _without_unused_imports(original, parsed):
        placed = _moved(placed, parsed, edits, shorter)
        parsed = shorter
        rounds.append(edits)
        result = _checked(parsed, settings, placed)
    return FixResult(parsed.source.text, tuple(fixed), result, tuple(rounds))


def _wanted(
    result: CheckResult, parsed: ParsedFile, verified: Verified | None
) -> tuple[Diagnostic, ...]:
    return result.diagnostics if verified is None else verified.among(result.diagnostics, parsed)


def _edits(
    parsed: ParsedFile, chosen: Sequence[Diagnostic], settings: Settings
) -> tuple[Edit, ...]:
    edits = [edit for each in chosen if each.fix for edit in each.fix.edits]
    if settings.annotate:
        edits += annotations(parsed.source.text, chosen)
    return tuple(edits)


def _placed(trace: FileTrace | None, parsed: ParsedFile) -> PlacedTrace:
    return trace.placed(parsed.lines) if trace else PlacedTrace()


def _moved(
    trace: PlacedTrace, before: ParsedFile, edits: Sequence[Edit], after: ParsedFile
) -> PlacedTrace:
    if not trace.records:
        return trace
    calls = [site.range for site in find_calls(before)]
    return moved(trace, calls, edits, before.lines, after.lines)


def _checked(parsed: ParsedFile, settings: Settings, placed: PlacedTrace) -> CheckResult:
    rules = sorted(selected_rules(settings), key=lambda rule: rule.is_last_resort)
    sites = find_calls(parsed)
    calls = [call for call in map(einsum_call, sites) if call is not None]
    calls = [witnessed(call, placed) for call in calls]

    def said_by(rules: Sequence[Rule]) -> list[Diagnostic]:
        name = parsed.source.filename
        return [each for call in calls for each in diagnostics_of(call, rules, name, settings)]

    others = [rule for rule in all_rules() if rule not in rules]
    diagnostics = heard(said_by(rules), parsed, settings, lambda: said_by(others))
    return CheckResult(tuple(diagnostics), len(sites) - len(calls), placed.changed)


def judges_comments(settings: Settings) -> bool:
    """Whether comments are looked at where nothing else is."""
    return unused_suppression.RULE in selected_rules(settings)


def unparsable_at(
    place: Position, reason: str, filename: str, settings: Settings, what: str = "file"
) -> CheckResult:
    """The one finding of a file, or of a part of one, that mentions einsum and cannot be read."""
    rule = unparsable.RULE
    if rule not in selected_rules(settings):
        return CheckResult()
    words = "einsum, or the name of a function," if settings.functions else "einsum"
    message = f"the {what} mentions {words} and cannot be read: {reason}"
    where = Range(place, Position(place.row, place.column + 1))
    return CheckResult(
        (Diagnostic(rule.code, rule.name, message, Severity.ERROR, filename, where),)
    )


def _reparsed(
    parsed: ParsedFile, edits: Sequence[Edit], reasons: Sequence[Diagnostic]
) -> ParsedFile:
    """The file with the edits made; that it still parses is checked before anyone writes it."""
    try:
        return _edited(parsed, edits)
    except UnparsableError as error:
        places = ", ".join(f"{each.code} at row {each.range.start.row}" for each in reasons)
        failure = f"the fixes of {places} broke the file: {error.reason} (row {error.row})"
        raise RuleError(f"{parsed.source.filename}: {failure}") from error


def _without_unused_imports(
    before: ParsedFile, after: ParsedFile
) -> Iterator[tuple[tuple[Edit, ...], ParsedFile]]:
    """The edits that take out of `after` imports that only `before` used, and what each leaves.

    What comes not out cleanly stays.
    """
    while unused := removal(before, after):
        try:
            shorter = _edited(after, [unused])
        except UnparsableError:
            break
        if not keeps_encoding(shorter.source):
            break
        after = shorter
        yield (unused,), after


def _edited(parsed: ParsedFile, edits: Sequence[Edit]) -> ParsedFile:
    text = spliced(parsed.source.text, edits)
    return parse_file(replace(parsed.source, text=text), parsed.functions)
