"""A training loop as people write them: every call that can be seen, at its exact place."""

import ast
from collections.abc import Iterator
from pathlib import Path

from einlint.linting.trace_index import index_of
from einlint.source.lines import LineIndex
from einlint.trace.store import Operand, Row
from tests.conftest import ROOT
from tests.trace.programs import Recorded, recorded, shapes

PROGRAM = ROOT / "fixtures/traced/loop.py"
X = (2, 2, 6, 4)

# Equation -> calls, shapes, dtype autocast casts to, whether torch.compile traced it.
EXPECTED = {
    "tf,f->tf": (4, ((6, 8), (8,)), None, False),
    "bhqd,bhkd->bhqk": (2, (X, X), None, False),
    "bhqk,bhkd->bhqd": (2, ((2, 2, 6, 6), X), None, False),
    "bhtd,d->bht": (2, (X, (4,)), None, False),
    "...td->...t": (2, (X,), None, False),
    "bhtd,bhtd->b": (1, (X, X), None, True),
    "bhtd->hd": (2, (X,), None, False),
    "bti,tj->bij": (2, ((2, 6, 8), (6, 8)), "bfloat16", False),
    "ij,kj->ik": (1, ((24, 8), (3, 8)), None, False),
    "ij,jk->ik": (0, ((6, 8), (6, 8)), None, False),
}
RAISING = "ij,jk->ik"


def rows_by_equation(run: Recorded) -> dict[str, Row]:
    placed = [row for row in run.trace.rows if row.site and row.site.filename == str(PROGRAM)]
    found = {row.signature.equation: row for row in placed if row.signature}
    assert len(found) == len(placed)
    return {str(equation): row for equation, row in found.items()}


def calls_in(text: str) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """The equation of each call, with its rows and columns."""
    lines = LineIndex.of(text)
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(ast.Attribute(attr="einsum"), [ast.Constant(str(equation)), *_]):
                place = lines.place(*lines.extent(node))
                yield equation, (*place.start, *place.end)


def test_a_training_loop(tmp_path: Path) -> None:
    """One run for all that there is to see: it takes long to start."""
    run = recorded(tmp_path, str(PROGRAM))
    assert (run.code, run.done.stdout.strip()) == (0, b"caught")
    check_calls_and_signatures(run)
    check_places(run)
    check_records_are_found_in_the_source(run)
    check_operands(run)
    check_time_is_that_of_calls(run)
    check_processes_are_counted(run)


def check_calls_and_signatures(run: Recorded) -> None:
    found = {
        equation: (row.calls, shapes(row), row.signature.autocast, row.signature.compiled)
        for equation, row in rows_by_equation(run).items()
        if row.signature
    }
    assert found == EXPECTED


def check_places(run: Recorded) -> None:
    places = dict(calls_in(PROGRAM.read_text()))
    for equation, row in rows_by_equation(run).items():
        assert row.site is not None
        site = row.site
        place = (site.row, site.column, site.end_row, site.end_column)
        assert place == places.pop(equation), equation
    assert not places


def check_records_are_found_in_the_source(run: Recorded) -> None:
    trace = index_of(run.trace, "torch.einsum").of(str(PROGRAM))
    assert trace is not None
    text = PROGRAM.read_text()
    places = {place[2:] for _, place in calls_in(text)}
    for inserted in ("", "# a new first row\n"):
        lines = LineIndex.of(inserted + text)
        placed = trace.placed(lines)
        ends = map(lines.position, placed.records)
        rows = inserted.count("\n")
        assert {(end.row - rows, end.column) for end in ends} == places
        assert placed.changed == 0


def check_operands(run: Recorded) -> None:
    rows = rows_by_equation(run)
    (q, k), (values,) = (operands(rows, each) for each in ("bhqd,bhkd->bhqk", "bhtd->hd"))
    assert (q.layout, q.requires_grad) == (k.layout, k.requires_grad) == ("other", True)
    assert (values.dtype, values.device, values.requires_grad) == ("float32", "cpu", False)
    weights, part = operands(rows, "ij,kj->ik")
    assert (weights.dtype, weights.layout, part.layout) == ("float32", "contiguous", "contiguous")


def operands(rows: dict[str, Row], equation: str) -> tuple[Operand, ...]:
    signature = rows[equation].signature
    assert signature is not None
    return signature.operands


def check_time_is_that_of_calls(run: Recorded) -> None:
    rows = rows_by_equation(run)
    untimed = {"bhtd,bhtd->b", RAISING}
    assert {name for name, row in rows.items() if not row.seconds} == untimed
    assert all(row.first_calls == 1 for name, row in rows.items() if row.calls == 2)
    assert all(0 < row.first_seconds < row.seconds for row in rows.values() if row.calls == 2)
    raising = rows[RAISING]
    assert (raising.raised, raising.raised_seconds > 0) == (1, True)
    assert "1 call raised: counted apart" in run.summary


def check_processes_are_counted(run: Recorded) -> None:
    assert run.trace.cost.processes == 3  # with two workers of the DataLoader
    assert run.trace.cost.failures == 0
    assert "3 processes" in run.summary
