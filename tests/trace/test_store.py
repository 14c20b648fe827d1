"""The file of a trace: what is written is read again, and nothing else is."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from einlint.trace.store import Cost, Count, Row, SizeRange, TraceError, read, to_lines
from einlint.trace.table import MOST_MERGED, MOST_SIGNATURES, MOST_SITES, Table
from tests.trace.rows import FILE, operand, row_of, signature, site_of

TEXT = "y = einsum(a, b)\n"
SITE = site_of(TEXT, "einsum(a, b)")
ROWS = (
    row_of(SITE, signature("ij,jk->ik", (2, 3), (3, 4)), 5),
    row_of(SITE, signature(None, (None, 3), None, autocast="bfloat16")),
    row_of(SITE, signature("ij->i", (SizeRange(2, 9), 3)), 4),
    row_of(SITE, None, 7),
    row_of(None, None, 9),
    Row(SITE, signature("i->", (3,)), 5, 1.5, 2, 0.5, 3, 0.25),
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
        ({"operands": [{**A, "shape": [True]}]}, "a size is True"),
        ({"operands": [{**A, "shape": [[2]]}]}, "a range of sizes is [2]"),
        ({"operands": [{**A, "shape": [[3, 3]]}]}, "a range of sizes is [3, 3]"),
        ({"operands": [{**A, "shape": [[1, None]]}]}, "a range of sizes is [1, None]"),
        ({"operands": [{**A, "shape": [[1, [2, 3]]]}]}, "`a size` is [2, 3]"),
        ({"row": 10**9}, "the call ends on line 1, before line 1000000000"),
        ({"row": -1}, "`row` is -1"),
        ({"seconds": float("nan")}, "`seconds` is nan"),
        ({"seconds": float("inf")}, "`seconds` is inf"),
        ({"calls": -1}, "`calls` is -1"),
        ({"first_seconds": "x"}, "`first_seconds` is 'x'"),
        ({"raised": 10**400}, f"`raised` is {10**400}"),
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
        (to_lines(COST, ROWS)[:-20].encode(), ":7: not JSON: "),
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
    assert [row.calls for row in rows if row.signature and row.signature.is_merged] == [18]
    for number in range(MOST_SITES + 9):
        table.count(site_of("\n" * number + TEXT, "einsum(a, b)"), ROWS[0].signature).calls += 1
    others = [row for row in table.rows() if row.site is None]
    assert [row.calls for row in others] == [9]
    assert sum(row.calls for row in table.rows()) == 2 * (MOST_SIGNATURES + 9) + MOST_SITES + 9


def full_table() -> Table:
    """Of a site with as many signatures as are kept."""
    table = Table()
    for size in range(MOST_SIGNATURES):
        table.count(SITE, signature("ij,jk->ik", (size, 3), (3, 4))).calls += 1
    return table


def merged_shapes(table: Table) -> list[tuple[object, ...]]:
    known = [row.signature for row in table.rows() if row.signature][MOST_SIGNATURES:]
    return [tuple(operand.shape for operand in each.operands) for each in known]


def test_further_signatures_become_ranges_where_only_sizes_differ() -> None:
    table = full_table()
    for size in (900, 700, 800):
        table.count(SITE, signature("ij,jk->ik", (size, 5), (5, 4))).calls += 1
    table.count(SITE, signature("ij,jk->ik", (900, 5), (1, 4))).calls += 1  # it broadcasts
    table.count(SITE, signature("ij,jk->ik", (900, 5), (5, 4), autocast="float16")).calls += 1
    table.count(SITE, signature("ij,jk->ik", (900, 5), (5, 4), device="meta")).calls += 1
    table.count(SITE, signature("ij,jk->ik", (999, 5), (7, 4)), has_raised=True).raised += 1
    range_ = (SizeRange(700, 900), 5)
    assert merged_shapes(table) == [
        (range_, (5, 4)),
        ((900, 5), (1, 4)),
        ((900, 5), (5, 4)),
        ((900, 5), (5, 4)),
        ((999, 5), (7, 4)),
    ]


def test_ranges_of_several_processes_are_joined() -> None:
    whole = Table()
    for sizes in ((700, 800), (600, 650)):
        part = full_table()
        for size in sizes:
            part.count(SITE, signature("ij,jk->ik", (size, 5), (5, 4))).calls += 1
        whole.add(part.rows())
    assert merged_shapes(whole) == [((SizeRange(600, 800), 5), (5, 4))]
    (merged,) = (row for row in whole.rows() if row.signature and row.signature.is_merged)
    assert merged.calls == 4


def test_equations_without_end_share_one_line() -> None:
    table = full_table()
    for length in range(MOST_MERGED + 9):
        equation = "a" * (length + 1)
        table.count(SITE, signature(f"{equation}->", (3,) * (length + 1))).calls += 1
    assert [row.calls for row in table.rows() if row.signature is None] == [9]


def test_tables_add_up() -> None:
    table = Table()
    table.add(ROWS)
    table.add(ROWS)
    twice = {replace(row, **{name: 2 * getattr(row, name) for name in COUNTS}) for row in ROWS}
    assert set(table.rows()) == twice


COUNTS = [each.name for each in fields(Count)]


def test_a_trace_of_the_version_before_is_read(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    old = {name: value for name, value in GOOD.items() if not name.startswith("first_")}
    path.write_text(HEAD.replace('"trace": 2', '"trace": 1') + json.dumps(old) + "\n")
    assert read(path).rows == (row_of(SITE, ROWS[0].signature, 5),)


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
