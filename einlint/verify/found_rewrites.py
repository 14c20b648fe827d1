"""Collect the rewrites to verify from findings; equal rewrites are merged, with all their sites."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from einlint.diagnostics import Diagnostic, Fix
from einlint.linting.pairing import Pair, UnpairableError, pair_about
from einlint.linting.trace_index import PlacedTrace, TraceIndex
from einlint.source.facts.einsum_call import EinsumCall, products_of
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.lines import TextMap
from einlint.trace.store import Row
from einlint.verify.candidates import Candidate, other_candidates
from einlint.verify.case import Occurrence, Site
from einlint.verify.recorded import UnmeasurableError, merge_occurrences, occurrences
from einlint.verify.recorded_attention import attention_occurrences
from einlint.verify.report import Skipped
from einlint.verify.shown_sizes import Shown, shown_of_attention, shown_sizes


@dataclass(frozen=True, slots=True)
class FoundRewrite:
    """A call or an attention and its replacement, with names for the operands, and its places.

    occurrences: the sizes recorded in a trace, most expensive first.
    shown: the place of every call, and what the code shows of its sizes.
    candidates: further spellings of the call, over the names of the pair.
    """

    pair: Pair
    sites: tuple[Site, ...]
    occurrences: tuple[Occurrence, ...] = field(default=(), compare=False)
    shown: tuple[tuple[Site, Shown], ...] = field(default=(), compare=False)
    candidates: tuple[Candidate, ...] = field(default=(), compare=False)


def with_candidates(rewrite: FoundRewrite) -> FoundRewrite:
    """The rewrite with every spelling of its equation that the fix does not write already.

    An attention has no others.
    """
    pair = rewrite.pair
    if pair.attention is not None:
        return rewrite
    return replace(rewrite, candidates=other_candidates(pair.equation, pair.readings))


_Fact: TypeAlias = EinsumCall | HandWrittenAttention
_Fixed: TypeAlias = tuple[_Fact, Fix]
_Offer: TypeAlias = tuple[Site, _Fact, Fix, PlacedTrace]
"""A site, its call or attention, its fix, and the trace of the file."""


@dataclass(frozen=True, slots=True)
class DeviceTrace:
    """A trace, used only for calls recorded on one type of device."""

    trace: TraceIndex
    device: str

    def records_of(self, filename: str, fact: _Fact) -> PlacedTrace:
        """The records of the file that a call stands in."""
        found = self.trace.of(filename)
        lines = fact.site.lines if isinstance(fact, EinsumCall) else fact.parsed.lines
        return PlacedTrace() if found is None else found.placed(lines)


def rewrites_in(
    diagnostics: Iterable[Diagnostic],
    places: Mapping[str, TextMap],
    trace: DeviceTrace | None = None,
) -> tuple[tuple[FoundRewrite, ...], tuple[Skipped, ...], Mapping[int, str | None]]:
    """The rewrites that findings offer, safe or not, and the calls that cannot be verified.

    The third part has, by the identity of each line of the trace that belongs to one of these
    calls, why it cannot be measured; None if it can.

    Args:
        diagnostics: the findings of a check, with their facts.
        places: file name -> where its findings stand.
        trace: verify only sizes and dtypes recorded here.
    """
    grouped: dict[object, tuple[Pair, dict[tuple[Site, Shown], None], list[Occurrence]]] = {}
    skipped: list[Skipped] = []
    judged: dict[int, str | None] = {}
    for site, call, fix, recorded in _offers(diagnostics, places, trace):
        rows = _rows(call.end, recorded) if isinstance(call, EinsumCall) else ()
        if rows and all(id(row) in judged for row in rows):
            continue  # the same file, by another path
        try:
            pair = pair_about(call, fix)
            if trace is None:
                occurred: tuple[Occurrence, ...] = ()
            elif isinstance(call, EinsumCall):
                occurred = _occurred(pair, rows, trace, judged)
            else:
                occurred = _of_attention(call, pair, recorded, trace)
        except (UnpairableError, UnmeasurableError) as error:
            skipped.append(Skipped(site, str(error)))
            for row in rows:
                judged.setdefault(id(row), str(error))
            continue
        key = pair if pair.attention is not None else (pair.original, pair.readings)
        _, shown, seen = grouped.setdefault(key, (pair, {}, []))
        shown[site, _shown(call, pair)] = None
        seen.extend(occurred)
    rewrites = tuple(
        FoundRewrite(
            pair,
            tuple(dict.fromkeys(site for site, _ in shown)),
            merge_occurrences(seen),
            tuple(shown),
        )
        for pair, shown, seen in grouped.values()
    )
    return rewrites, tuple(skipped), judged


def _shown(fact: _Fact, pair: Pair) -> Shown:
    if isinstance(fact, EinsumCall) or pair.attention is None:
        return shown_sizes(fact) if isinstance(fact, EinsumCall) else ()
    return shown_of_attention(pair.attention)


def _occurred(
    pair: Pair, rows: Sequence[Row], trace: DeviceTrace, judged: dict[int, str | None]
) -> tuple[Occurrence, ...]:
    divided = occurrences(pair.equation, rows, trace.device)
    judged |= {**{id(row): None for row in rows}, **divided.reasons}
    return divided.require()


def _of_attention(
    fact: HandWrittenAttention, pair: Pair, recorded: PlacedTrace, trace: DeviceTrace
) -> tuple[Occurrence, ...]:
    """Of its two products; the lines of the trace stay with the calls themselves."""
    assert pair.attention is not None
    rows = [_rows(end, recorded) for _, end in fact.products]
    are_calls = len(products_of(fact)) == len(rows)
    return attention_occurrences(pair.attention, rows if are_calls else (), trace.device)


def _rows(end: int, recorded: PlacedTrace) -> tuple[Row, ...]:
    """The lines of the call that ends there."""
    record = recorded.records.get(end)
    return () if record is None else record.rows


def _offers(
    diagnostics: Iterable[Diagnostic], places: Mapping[str, TextMap], trace: DeviceTrace | None
) -> Iterator[_Offer]:
    """The offers of all files, file by file."""
    by_file: dict[str, list[_Fixed]] = {}
    for each in diagnostics:
        if each.fix is not None and each.fix.edits and isinstance(each.fact, _Fact):
            by_file.setdefault(each.filename, []).append((each.fact, each.fix))
    for filename, found in by_file.items():
        recorded = trace.records_of(filename, found[0][0]) if trace else PlacedTrace()
        for call, fix in _widest_fixes(found) if trace else found:
            place = places[filename].place(call.start, call.end)
            site = Site(filename, place.start.row, place.cell)
            yield site, call, fix, recorded


def _widest_fixes(found: Sequence[_Fixed]) -> list[_Fixed]:
    """For each call the fix that changes most of it, so that its recorded time counts once."""
    widest: dict[object, _Fixed] = {}
    for call, fix in found:
        key = type(call), call.end
        known = widest.get(key)
        if known is None or _width(fix) > _width(known[1]):
            widest[key] = call, fix
    return list(widest.values())


def _width(fix: Fix) -> int:
    return max(edit.end for edit in fix.edits) - min(edit.start for edit in fix.edits)
