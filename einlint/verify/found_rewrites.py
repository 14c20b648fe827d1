"""Collect the rewrites to verify from findings; equal rewrites are merged, with all their sites."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from einlint.diagnostics import Diagnostic, Fix
from einlint.linting.pairing import Pair, UnpairableError, pair_of
from einlint.linting.trace_index import PlacedTrace, Record, TraceIndex
from einlint.notebook.module import Module
from einlint.notebook.places import in_module
from einlint.source.callsite import CallSite
from einlint.source.file import SourceFile
from einlint.source.finder import ParsedFile, find_calls, parse_file
from einlint.verify.recorded import UnmeasurableError, merge_occurrences, occurrences
from einlint.verify.report import Occurrence, Site, Skipped


@dataclass(frozen=True, slots=True)
class FoundRewrite:
    """A call and its replacement, with names for the operands, and the places of the call.

    occurrences: the sizes recorded in a trace, most expensive first.
    """

    pair: Pair
    sites: tuple[Site, ...]
    occurrences: tuple[Occurrence, ...] = field(default=(), compare=False)


_Offer: TypeAlias = tuple[Site, CallSite, Fix, Record | None]
"""A site, its call, its fix, and the trace record of the call."""


@dataclass(frozen=True, slots=True)
class DeviceTrace:
    """A trace, used only for calls recorded on one type of device."""

    trace: TraceIndex
    device: str

    def records_of(self, parsed: ParsedFile) -> PlacedTrace:
        """The records of a file."""
        found = self.trace.of(parsed.source.filename)
        return PlacedTrace() if found is None else found.placed(parsed.lines)


def rewrites_in(
    diagnostics: Iterable[Diagnostic],
    texts: Mapping[str, str],
    notebooks: Mapping[str, Module],
    trace: DeviceTrace | None = None,
) -> tuple[tuple[FoundRewrite, ...], tuple[Skipped, ...]]:
    """The rewrites that findings offer, safe or not, and the calls that cannot be verified.

    Args:
        diagnostics: the findings of a check.
        texts: file name -> its text, except for notebooks.
        notebooks: file name -> the cells of the notebook.
        trace: verify only sizes and dtypes recorded here.
    """
    grouped: dict[object, tuple[Pair, list[Site], list[Occurrence]]] = {}
    skipped: list[Skipped] = []
    for site, call, fix, record in _offers(diagnostics, texts, notebooks, trace):
        try:
            pair = pair_of(call, fix)
            occurred = _occurred(pair, record, trace)
        except (UnpairableError, UnmeasurableError) as error:
            skipped.append(Skipped(site, str(error)))
            continue
        key = (pair.original, pair.readings)
        _, sites, seen = grouped.setdefault(key, (pair, [], []))
        sites.append(site)
        seen.extend(occurred)
    rewrites = tuple(
        FoundRewrite(pair, tuple(dict.fromkeys(sites)), merge_occurrences(seen))
        for pair, sites, seen in grouped.values()
    )
    return rewrites, tuple(skipped)


def _occurred(
    pair: Pair, record: Record | None, trace: DeviceTrace | None
) -> tuple[Occurrence, ...]:
    if trace is None:
        return ()
    return occurrences(pair.equation, record.rows if record else (), trace.device)


def _offers(
    diagnostics: Iterable[Diagnostic],
    texts: Mapping[str, str],
    notebooks: Mapping[str, Module],
    trace: DeviceTrace | None,
) -> Iterator[_Offer]:
    """The offers of all files, file by file."""
    by_file: dict[str, list[Diagnostic]] = {}
    for finding in diagnostics:
        if finding.fix is not None and finding.fix.edits:
            by_file.setdefault(finding.filename, []).append(finding)
    for filename, found in by_file.items():
        module = notebooks.get(filename)
        text = texts[filename] if module is None else module.source.text
        yield from _offers_in_file(SourceFile(filename, text), found, module, trace)


def _offers_in_file(
    source: SourceFile,
    found: Sequence[Diagnostic],
    module: Module | None,
    trace: DeviceTrace | None,
) -> Iterator[_Offer]:
    functions = tuple(dict.fromkeys(each.call.api for each in found if each.call))
    parsed = parse_file(source, functions)
    recorded = trace.records_of(parsed) if trace else PlacedTrace()
    calls = {call.range: call for call in find_calls(parsed)}
    for each in _widest_fixes(found) if trace else found:
        site = Site(source.filename, each.range.start.row, each.cell)
        placed = each if module is None else in_module(each, module)
        if placed.fix is not None and placed.range in calls:  # otherwise it fixes a comment
            call = calls[placed.range]
            yield site, call, placed.fix, recorded.at(call.range)


def _widest_fixes(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """For each call the fix that changes most of it, so that its recorded time counts once."""
    found: dict[object, tuple[int, Diagnostic]] = {}
    for each in diagnostics:
        edits = each.fix.edits if each.fix else ()
        width = max(edit.end for edit in edits) - min(edit.start for edit in edits)
        place = (each.cell, each.range)
        if place not in found or width > found[place][0]:
            found[place] = width, each
    return [each for _, each in found.values()]
