"""The file of a trace: what is written is read again, and nothing else is."""

import json
from pathlib import Path
from typing import Any

import pytest

from einlint.trace.store import Cost, TraceError, read, to_lines
from einlint.trace.table import MOST_SIGNATURES, MOST_SITES, Table
from tests.trace.rows import FILE, operand, row_of, signature, site_of

TEXT = "y = einsum(a, b)\n"
SITE = site_of(TEXT, "einsum(a, b)")
ROWS = (
    row_of(SITE, signature("ij,jk->ik", (2, 3), (3, 4)), 5),
    row_of(SITE, signature(None, (None, 3), None, autocast="bfloat16")),
    row_of(SITE, None, 7),
    row_of(None, None, 9),
)
COST = Cost(1.5, 0.25, 2, 1)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text(to_lines(COST, ROWS))
    trace = read(path)
    assert (trace.cost, trace.rows) == (COST, ROWS)


def test_a_folder_is_all_of_its_parts(tmp_path: Path) -> None:
    for number, row in enumerate(ROWS[:2]):
        (tmp_path / f"{number}.jsonl").write_text(to_lines(COST, (row,)))
    (tmp_path / "2.new").write_text('{"trace": 1, "program_sec')  # it was killed as it wrote
    trace = read(tmp_path)
    assert trace.rows == ROWS[:2]
    assert trace.cost == Cost(3.0, 0.5, 4, 2)


def test_a_folder_of_others(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("")
    with pytest.raises(TraceError, match=r": there are no traces in this folder$"):
        read(tmp_path)


GOOD: dict[str, Any] = json.loads(to_lines(COST, ROWS[:1]).splitlines()[1])
A = GOOD["operands"][0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"calls": "many"}, "`calls` is 'many'"),
        ({"seconds": None}, "`seconds` is None"),
        ({"row": 1.5}, "`row` is 1.5"),
        ({"filename": 3}, "`filename` is 3"),
        ({"operands": 3}, "'int' object is not iterable"),
        ({"operands": ["x"]}, "string indices must be integers"),
        ({"operands": [{**A, "shape": [2, "k"]}]}, "`a size` is 'k'"),
        ({"operands": [{**A, "shape": 5}]}, "'int' object is not iterable"),
        ({"operands": [{**A, "dtype": 5}]}, "`dtype` is 5"),
        ({"operands": [{**A, "shape": [2, -1]}]}, "a size is -1"),
        ({"operands": [{**A, "shape": [2**63]}]}, f"a size is {2**63}"),
    ],
)
def test_a_damaged_row(tmp_path: Path, change: dict[str, object], said: str) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text(to_lines(COST, ()) + json.dumps({**GOOD, **change}) + "\n")
    with pytest.raises(TraceError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}:2: not a line of a trace: {said}")


HEAD = to_lines(COST, ())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", ": not a trace of this version of einlint: record it again"),
        (b"import torch\n", ":1: not JSON: "),
        (b"\x89PNG\r\n\x1a\n\x00\xff", ":1: not JSON: "),
        (b"[1]\n", ":1: not a JSON object"),
        (b'[{"code": "EIN104"}]\n', ":1: not a JSON object"),
        (b'{"trace": 99}\n', ": not a trace of this version of einlint: record it again"),
        (b'{"trace": 1}\n', ":1: not the first line of a trace: `program_seconds` is missing"),
        (
            HEAD.replace("1.5", '"x"').encode(),
            ":1: not the first line of a trace: `program_seconds` is 'x'",
        ),
        (to_lines(COST, ROWS)[:-20].encode(), ":5: not JSON: "),
        (HEAD.encode() + b"[" * 20_000 + b"]" * 20_000, ":2: not JSON: "),
        (HEAD.encode() + b"{}\n", ":2: not a line of a trace: 'filename'"),
    ],
)
def test_a_file_of_others(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(TraceError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}{said}")


def test_a_table_is_of_bounded_size() -> None:
    table = Table()
    for size in range(MOST_SIGNATURES + 9):
        table.count(SITE, signature("i->", (size,))).calls += 2
    rows = list(table.rows())
    assert len(rows) == MOST_SIGNATURES + 1
    assert [row.calls for row in rows if row.signature is None] == [18]
    for number in range(MOST_SITES + 9):
        table.count(site_of("\n" * number + TEXT, "einsum(a, b)"), ROWS[0].signature).calls += 1
    others = [row for row in table.rows() if row.site is None]
    assert [row.calls for row in others] == [9]
    assert sum(row.calls for row in table.rows()) == 2 * (MOST_SIGNATURES + 9) + MOST_SITES + 9


def test_tables_add_up() -> None:
    table = Table()
    table.add(ROWS)
    table.add(ROWS)
    twice = [(row.site, row.signature, 2 * row.calls, 2 * row.seconds) for row in ROWS]
    assert [(row.site, row.signature, row.calls, row.seconds) for row in table.rows()] == twice


def test_the_names_of_operands() -> None:
    assert A == {
        "shape": [2, 3],
        "dtype": "float32",
        "layout": "contiguous",
        "device": "cpu",
        "requires_grad": False,
    }
    assert GOOD["filename"] == FILE
    assert operand((2, 3)) == ROWS[0].signature.operands[0]  # type: ignore[union-attr]
