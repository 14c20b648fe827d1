"""Which fixes are applied together: all edits of each, and no edit over another."""

import pytest

from einlint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity
from einlint.linting.fixes import applicable


def finding(name: str, *spans: tuple[int, int]) -> Diagnostic:
    edits = tuple(Edit(start, end, name) for start, end in spans)
    place = spans[0]
    return Diagnostic("EIN999", name, "", Severity.WARNING, "a.py", *place, fix=Fix("", edits))


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        ([(0, 4)], [(5, 9)], ["first", "second"]),
        ([(0, 4)], [(4, 9)], ["first", "second"]),
        ([(0, 4)], [(3, 9)], ["first"]),
        ([(2, 4)], [(0, 9)], ["second"]),
        ([(0, 4)], [(2, 2)], ["first"]),
        ([(0, 2), (8, 9)], [(3, 4), (5, 6)], ["first", "second"]),
        ([(3, 4), (5, 6)], [(0, 2), (8, 9)], ["first", "second"]),
        ([(0, 2), (8, 9)], [(2, 8)], ["first", "second"]),
        ([(0, 2), (5, 6)], [(3, 4), (8, 9)], ["first"]),
        ([(0, 2), (5, 6)], [(3, 4), (5, 6)], ["first"]),
    ],
    ids=[
        *("apart", "beside", "overlapping", "inside", "an insertion inside", "in a gap"),
        *("around", "filling a gap", "interleaved", "sharing an edit"),
    ],
)
def test_two_fixes(
    first: list[tuple[int, int]], second: list[tuple[int, int]], chosen: list[str]
) -> None:
    found = [finding("first", *first), finding("second", *second)]
    for order in (found, found[::-1]):
        together = applicable(order, Applicability.SAFE)
        assert sorted(each.name for each in together) == chosen


def test_many_fixes_of_several_edits_are_chosen_in_one_go() -> None:
    pairs = [finding(str(n), (4 * n, 4 * n + 1), (4 * n + 2, 4 * n + 3)) for n in range(20_000)]
    assert len(applicable(pairs, Applicability.SAFE)) == 20_000
