"""Move the records of a trace with their calls when edits move the calls."""

from collections.abc import Iterable, Iterator, Sequence

from einlint.diagnostics import Edit, Fact
from einlint.linting.trace_index import PlacedTrace, Record


def moved(
    trace: PlacedTrace, calls: Iterable[Fact], edits: Sequence[Edit], text: str
) -> PlacedTrace:
    """Map trace positions through non-overlapping edits of `text`.

    The record of a replaced call is dropped. A call inside of a replaced one is searched in the
    replacement; if its text occurs there more than once, all places get the records.
    calls: all calls in `text`.
    """
    records: dict[int, Record] = {}
    for call in calls:
        record = trace.records.get(call.end)
        if record is None:
            continue
        for end in _ends(call.start, call.end, edits, text):
            known = records.get(end)
            rows = (*known.rows, *record.rows) if known else record.rows
            records[end] = Record(rows, record.total_seconds)
    return PlacedTrace(records, trace.lost)


def _ends(start: int, end: int, edits: Sequence[Edit], text: str) -> Iterator[int]:
    """The offsets at which text[start:end] ends after the edits."""
    around = next((each for each in edits if each.start <= start and end <= each.end), None)
    if around is None:
        yield end + _shift(end, edits)
        return
    if (around.start, around.end) == (start, end):
        return  # the call itself was replaced
    begin = around.start + _shift(around.start, edits)
    wanted = text[start:end]
    place = around.content.find(wanted)
    while place >= 0:
        yield begin + place + len(wanted)
        place = around.content.find(wanted, place + 1)


def _shift(offset: int, edits: Sequence[Edit]) -> int:
    """How far the edits before `offset` move it."""
    return sum(
        len(each.content) - (each.end - each.start)
        for each in edits
        if each.start < offset and each.end <= offset
    )
