"""From the findings in files to the rewrites to verify: each once, with all of its sites."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from einlint.diagnostics import Diagnostic, Fix
from einlint.linting.pairing import Pair, UnpairableError, pair_of
from einlint.linting.trace_index import PlacedTrace, Record, TraceIndex
from einlint.source.callsite import CallSite
from einlint.source.facts.einsum_call import EinsumCall
from einlint.source.lines import TextMap
from einlint.verify.recorded import UnmeasurableError, merged, occurrences
from einlint.verify.report import Occurrence, Site, Skipped


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A call and its replacement over names for the operands, and where they stand.

    occurrences: what a trace has of the sites, the most expensive first.
    """

    pair: Pair
    sites: tuple[Site, ...]
    occurrences: tuple[Occurrence, ...] = field(default=(), compare=False)


_Fixed: TypeAlias = tuple[EinsumCall, Fix]
_Offer: TypeAlias = tuple[Site, CallSite, Fix, Record | None]
"""Where a fix is offered, the call, the fix, and what a trace has of the call."""


@dataclass(frozen=True, slots=True)
class Past:
    """What occurred: a trace, of which that counts which was recorded on one type of device."""

    trace: TraceIndex
    device: str

    def placed(self, filename: str, call: EinsumCall) -> PlacedTrace:
        """What was recorded of the file that a call stands in."""
        found = self.trace.of(filename)
        return PlacedTrace() if found is None else found.placed(call.site.lines)


def rewrites_in(
    diagnostics: Iterable[Diagnostic],
    places: Mapping[str, TextMap],
    past: Past | None = None,
) -> tuple[tuple[Rewrite, ...], tuple[Skipped, ...]]:
    """The rewrites that findings offer, safe or not, and the calls that cannot be run.

    Args:
        diagnostics: what a check found, with the facts.
        places: file name -> where its findings stand.
        past: only what occurred is verified.
    """
    grouped: dict[object, tuple[Pair, list[Site], list[Occurrence]]] = {}
    skipped: list[Skipped] = []
    for site, call, fix, record in _offered(diagnostics, places, past):
        try:
            pair = pair_of(call, fix)
            occurred = _occurred(pair, record, past)
        except (UnpairableError, UnmeasurableError) as error:
            skipped.append(Skipped(site, str(error)))
            continue
        key = (pair.original, pair.readings)
        _, sites, seen = grouped.setdefault(key, (pair, [], []))
        sites.append(site)
        seen.extend(occurred)
    rewrites = tuple(
        Rewrite(pair, tuple(dict.fromkeys(sites)), merged(seen))
        for pair, sites, seen in grouped.values()
    )
    return rewrites, tuple(skipped)


def _occurred(pair: Pair, record: Record | None, past: Past | None) -> tuple[Occurrence, ...]:
    if past is None:
        return ()
    return occurrences(pair.equation, record.rows if record else (), past.device)


def _offered(
    diagnostics: Iterable[Diagnostic], places: Mapping[str, TextMap], past: Past | None
) -> Iterator[_Offer]:
    """The fixes of all files, one file after the other."""
    by_file: dict[str, list[_Fixed]] = {}
    for each in diagnostics:
        if each.fix is not None and each.fix.edits and isinstance(each.fact, EinsumCall):
            by_file.setdefault(each.filename, []).append((each.fact, each.fix))
    for filename, found in by_file.items():
        recorded = past.placed(filename, found[0][0]) if past else PlacedTrace()
        for call, fix in _widest(found) if past else found:
            place = places[filename].place(call.start, call.end)
            site = Site(filename, place.start.row, place.cell)
            yield site, call.site, fix, recorded.records.get(call.end)


def _widest(found: Sequence[_Fixed]) -> list[_Fixed]:
    """The fix of each call that changes most of it: the time of a call counts once."""
    widest: dict[int, _Fixed] = {}
    for call, fix in found:
        known = widest.get(call.end)
        if known is None or _width(fix) > _width(known[1]):
            widest[call.end] = call, fix
    return list(widest.values())


def _width(fix: Fix) -> int:
    return max(edit.end for edit in fix.edits) - min(edit.start for edit in fix.edits)
