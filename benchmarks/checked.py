"""Check one file in this process: count findings and missed calls, and run its fixes."""

import re
from collections import Counter
from dataclasses import dataclass, field

from executed import judged
from torch_calls import Call, torch_calls

from einlint.diagnostics import Applicability
from einlint.linting.engine import check, read
from einlint.linting.findings import Findings
from einlint.linting.pairing import UnpairableError
from einlint.rulebook.selection import all_rules
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall
from einlint.source.file import SourceFile

SETTINGS = Settings(select=("ALL",), pedantic=True)
DEFAULTS = frozenset(rule.code for rule in all_rules() if rule.is_default)


@dataclass(slots=True)
class Counts:
    """Counts for a file, a source, or all sources; lists have one text for each instance."""

    files: int = 0
    mentions: int = 0
    calls: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    defaults: int = 0
    fixes: Counter[Applicability] = field(default_factory=Counter)
    executed: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)


def look_at(name: str, data: bytes, counts: Counts) -> None:
    """Add the counts of a file; an exception of einlint is a crash."""
    counts.files += 1
    if b"einsum" not in data:
        return
    counts.mentions += 1
    data = _loud(data)
    try:
        calls = torch_calls(data)
    except (SyntaxError, ValueError):
        calls = []
    counts.calls += len(calls)
    try:
        source = read(name, data, SETTINGS)
        result = check(source, SETTINGS) if isinstance(source, SourceFile) else source
        _add(name, result, calls, counts)
        if isinstance(source, SourceFile):
            _execute(source, result, counts)
    except Exception as error:  # noqa: BLE001 -- a crash is what is counted here
        counts.crashes.append(f"{name}: {error!r}")


def _loud(data: bytes) -> bytes:
    """The file with its `noqa` comments made invalid, so that nothing is silenced."""
    return re.sub(rb"noqa", b"nope", data, flags=re.IGNORECASE)


def _add(name: str, result: Findings, calls: list[Call], counts: Counts) -> None:
    counts.codes.update(each.code for each in result.diagnostics)
    counts.defaults += sum(
        each.code in DEFAULTS for each in result.diagnostics if not each.is_pedantic
    )
    counts.fixes.update(each.fix.applicability for each in result.diagnostics if each.fix)
    missed = _missed(result, calls)
    counts.missed += [f"{name}:{call.row}: {call.equation}" for call in missed]


def _missed(result: Findings, calls: list[Call]) -> list[Call]:
    """The calls without a finding.

    Before Python 3.12 `ast` does not know where a call in an f-string stands, so that what is
    not at its place may be one of its equation at a place where `ast` has no call.
    """
    known = {
        (place.row, place.column): each.about.equation
        for each in result.diagnostics
        for place in [result.place(each).start]
        if each.about is not None
    }
    missed = [call for call in calls if known.pop((call.row, call.column), None) is None]
    elsewhere = Counter(known.values())
    elsewhere.subtract(call.equation for call in missed)
    return [call for call in missed if elsewhere[call.equation] < 0]


def _execute(source: SourceFile, result: Findings, counts: Counts) -> None:
    for diagnostic in result.diagnostics:
        fix, call = diagnostic.fix, diagnostic.fact
        if fix is None or not fix.edits or not isinstance(call, EinsumCall):
            continue
        place = f"{source.filename}:{result.place(diagnostic).start.row}: {diagnostic.code}"
        try:
            verdict = judged(call.site, fix)
        except UnpairableError as error:
            counts.skipped.append(f"{place} {error}")
            continue
        counts.executed += 1
        if verdict.complaint is not None:
            counts.wrong.append(f"{place} {verdict.complaint}")
