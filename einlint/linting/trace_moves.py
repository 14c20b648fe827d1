"""Carry a placed trace through edits: calls keep what was recorded of them when they move."""

from collections.abc import Iterable, Iterator, Sequence

from einlint.diagnostics import Edit, Fact
from einlint.linting.trace_index import PlacedTrace, Record


def moved(
    trace: PlacedTrace, calls: Iterable[Fact], edits: Sequence[Edit], text: str
) -> PlacedTrace:
    """The trace in the text that `edits`, none over another, make of `text`.

    A call that is replaced is gone. One inside of it is looked for in what replaces it; where its
    text stands there more than once, each place has the records of all such calls.
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
    return PlacedTrace(records, trace.changed)


def _ends(start: int, end: int, edits: Sequence[Edit], text: str) -> Iterator[int]:
    """Where text[start:end] ends after the edits."""
    around = next((each for each in edits if each.start <= start and end <= each.end), None)
    if around is None:
        yield end + _shift(end, edits)
        return
    if (around.start, around.end) == (start, end):
        return
    begin = around.start + _shift(around.start, edits)
    wanted = text[start:end]
    place = around.content.find(wanted)
    while place >= 0:
        yield begin + place + len(wanted)
        place = around.content.find(wanted, place + 1)


def _shift(offset: int, edits: Sequence[Edit]) -> int:
    """How far what stands before `offset` moves its end."""
    return sum(
        len(each.content) - (each.end - each.start)
        for each in edits
        if each.start < offset and each.end <= offset
    )
