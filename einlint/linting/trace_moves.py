"""Carry a placed trace through edits: calls keep what was recorded of them when rows change."""

from collections.abc import Iterator, Sequence

from einlint.diagnostics import Edit, Position, Range
from einlint.linting.trace_index import PlacedTrace, Record
from einlint.source.lines import LineIndex


def moved(
    trace: PlacedTrace,
    calls: Sequence[Range],
    edits: Sequence[Edit],
    before: LineIndex,
    after: LineIndex,
) -> PlacedTrace:
    """The trace in the text `after`, which `edits`, none over another, make of the one `before`.

    A call that is replaced is gone. One inside of it is looked for in what replaces it; where its
    text stands there more than once, each place has the records of all such calls.
    calls: the ranges of all calls before.
    """
    records: dict[Position, Record] = {}
    for call in calls:
        record = trace.at(call)
        if record is None:
            continue
        start, end = (_offset(before, each) for each in (call.start, call.end))
        for place in _ends(start, end, edits, before.text):
            position = after.position(place)
            known = records.get(position)
            rows = (*known.rows, *record.rows) if known else record.rows
            records[position] = Record(rows, record.total_seconds)
    return PlacedTrace(records, trace.changed)


def _offset(lines: LineIndex, place: Position) -> int:
    return lines.starts[place.row - 1] + place.column - 1


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
