"""A trace in a source that has been edited since: calls are found, or said to have changed."""

import pytest

from einlint.linting.trace_index import PlacedTrace, index_of
from einlint.source.lines import LineIndex
from einlint.trace.store import Signature, Site, Trace
from tests.trace.rows import FILE, row_of, signature, site_of

FIRST, SECOND, LONG = 'einsum("i->", a)', 'einsum("j->", b)', 'einsum(\n    "k->",\n    c,\n)'
TEXT = f"x = {FIRST}, {SECOND}\ny = {LONG}\n"


def trace_of(*sites: Site) -> Trace:
    return Trace(rows=tuple(row_of(site, signature("i->", (3,)), i + 1) for i, site in _at(sites)))


def _at(sites: tuple[Site, ...]) -> list[tuple[int, Site]]:
    return list(enumerate(sites))


def placed(trace: Trace, text: str) -> PlacedTrace:
    of_file = index_of(trace, "torch.einsum").of(FILE)
    assert of_file is not None
    return of_file.placed(LineIndex.of(text))


def ends(found: PlacedTrace, text: str = TEXT) -> dict[tuple[int, int], int]:
    """Where calls end in a text -> how often they were called."""
    lines = LineIndex.of(text)
    places = ((lines.position(end), record) for end, record in found.records.items())
    return {(end.row, end.column): record.seen.calls for end, record in places}


SITES = (site_of(TEXT, FIRST), site_of(TEXT, SECOND), site_of(TEXT, LONG))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_same_text(newline: str) -> None:
    text = TEXT.replace("\n", newline)
    found = placed(trace_of(*SITES), text)
    assert ends(found, text) == {(1, 21): 1, (1, 39): 2, (5, 2): 3}
    assert found.changed == 0


def test_rows_that_moved() -> None:
    text = f"# new\n{TEXT}".replace("y =", "\n\n\ny =")
    found = placed(trace_of(*SITES), text)
    assert ends(found, text) == {(2, 21): 1, (2, 39): 2, (9, 2): 3}
    assert found.changed == 0


def test_rows_that_changed() -> None:
    text = TEXT.replace("    c,", "    d,")
    found = placed(trace_of(*SITES), text)
    assert ends(found, text) == {(1, 21): 1, (1, 39): 2}
    assert found.changed == 1


def test_an_empty_file_has_none() -> None:
    found = placed(trace_of(*SITES), "")
    assert (ends(found), found.changed) == ({}, 3)


TWINS = f"x = {FIRST}\n# between\nx = {FIRST}\n"
TWIN_SITES = (site_of(TWINS, FIRST), site_of(TWINS, FIRST, row=3))


def test_twins_that_stay_are_told_apart_by_their_rows() -> None:
    assert ends(placed(trace_of(*TWIN_SITES), TWINS), TWINS) == {(1, 21): 1, (3, 21): 2}


def test_a_twin_that_moved_to_the_place_of_the_other_is_not_taken_for_it() -> None:
    found = placed(trace_of(*TWIN_SITES), f"# new\n# new\n{TWINS}")
    assert (ends(found), found.changed) == ({}, 2)


def test_only_files_with_calls_of_the_api() -> None:
    numpys = Signature("numpy.einsum", "i->", None, False, ())
    trace = Trace(rows=(row_of(SITES[0], numpys, 3),))
    assert index_of(trace, "torch.einsum").of(FILE) is None
    assert index_of(trace, "torch.einsum").total_seconds == 0.75


def test_calls_without_a_source_are_in_the_time_of_all() -> None:
    unknown = Site("<string>", 1, 1, 1, 9, None)
    trace = Trace(rows=(*trace_of(SITES[0]).rows, row_of(unknown, signature("i->", (3,)), 3)))
    record = placed(trace, TEXT).records[20]
    assert (record.seen.calls, record.seen.share) == (1, 0.25)
