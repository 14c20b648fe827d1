"""check_batch: what it finds, what it passes through, and the rows that nobody can check."""

import pickle
from dataclasses import replace
from functools import partial

import pytest

pa = pytest.importorskip("pyarrow")
# ruff: noqa: E402 -- what needs pyarrow is imported where it is

from einlint.api import check_source
from einlint.arrow import check_batch, findings_schema
from einlint.arrow.rows import Problem
from einlint.output.records import record_of
from einlint.settings import Settings
from einlint.unusable import UnusableError
from tests.arrow.tables import ATTENTION, BAD, batch, mixed
from tests.cli.run import SOURCE
from tests.conftest import ROOT


def test_a_finding_is_that_of_check_source_with_the_keys_of_its_row() -> None:
    (found,) = check_batch(batch([b"x = 1", SOURCE.encode()])).to_pylist()
    expected = check_source(SOURCE, "m1.py")
    (record,) = (record_of(each, expected.places) for each in expected.diagnostics)
    assert (found.pop("path"), found.pop("repo"), found.pop("problem")) == ("m1.py", 1, None)
    assert found == {name: record[name] for name in found}


def test_a_table_of_files_has_the_findings_of_each() -> None:
    paths = sorted((ROOT / "fixtures" / "rules").glob("*/basic.py"))
    settings = Settings(select=("ALL",), pedantic=True)
    found = check_batch(batch([path.read_bytes() for path in paths]), settings=settings)
    codes: dict[str, list[str]] = {f"m{number}.py": [] for number in range(len(paths))}
    for row in found.to_pylist():
        codes[row["path"]].append(row["code"])
    alone = (check_source(path.read_text(), settings=settings).diagnostics for path in paths)
    assert list(codes.values()) == [[each.code for each in one] for one in alone]


@pytest.mark.parametrize("kind", list(BAD))
def test_a_row_that_cannot_be_checked_is_a_row_with_its_reason(kind: str) -> None:
    found = check_batch(batch([SOURCE.encode(), BAD[kind], SOURCE.encode()])).to_pylist()
    assert [row["problem"] for row in found] == [None, kind, None]
    assert [row["repo"] for row in found] == [0, 1, 2]
    assert found[1]["message"]
    assert (found[1]["code"] == "EIN000") == (kind == Problem.UNPARSABLE)


def test_bytes_are_decoded_as_python_does_and_text_is_text() -> None:
    latin = f"# coding: latin-1\ncaf\xe9 = 1\n{SOURCE}".encode("latin-1")
    assert [row["problem"] for row in check_batch(batch([latin])).to_pylist()] == [None]
    text = f"# coding: latin-1\ncaf\xe9 = 1\n{SOURCE}"
    (row,) = check_batch(batch([text], pa.string())).to_pylist()
    assert (row["problem"], row["location"]["row"]) == (None, 7)
    # A column of text that is not: pyarrow checks that no more than Parquet does.
    damaged = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff einsum"]).buffers())
    rows = pa.RecordBatch.from_arrays([pa.array(["a.py"]), damaged], ["path", "content"])
    assert [row["problem"] for row in check_batch(rows).to_pylist()] == ["encoding"]


def test_a_byte_order_mark_in_a_text_is_none_of_its_characters() -> None:
    (row,) = check_batch(batch([f"\ufeff{SOURCE}"], pa.string())).to_pylist()
    assert (row["problem"], row["code"]) == (None, "EIN105")


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary()])
def test_every_type_of_text(kind: "pa.DataType") -> None:
    rows = batch([SOURCE.encode() if "binary" in str(kind) else SOURCE] * 2, kind)
    assert check_batch(rows).num_rows == 2
    encoded = rows.column(1).dictionary_encode()
    encoded_rows = pa.RecordBatch.from_arrays([rows.column(0), encoded], ["path", "content"])
    assert check_batch(encoded_rows).num_rows == 2


def test_a_slice_gives_what_its_rows_give() -> None:
    rows = mixed(60)
    whole = check_batch(rows).to_pylist()
    parts = [check_batch(rows.slice(start, 7)).to_pylist() for start in range(0, 60, 7)]
    assert [row for part in parts for row in part] == whole
    assert check_batch(rows.slice(0, 0)).schema == findings_schema(rows.schema)


def test_it_is_pure_and_can_be_pickled_with_settings() -> None:
    rows = mixed(20)
    check = partial(check_batch, settings=Settings(select=("EIN202",)))
    there = pickle.loads(pickle.dumps(check))
    assert there(rows) == check(rows) == check(rows)
    assert check(rows) != check_batch(rows)


def test_the_words_of_every_kind_of_fact_and_of_wrappers_are_searched_for() -> None:
    attention = batch([ATTENTION.encode()])
    assert check_batch(attention).column("code").to_pylist() == ["EIN202"]
    own = "import mylib\n" + SOURCE.replace("torch.einsum", "mylib.contract")
    settings = Settings(functions=("mylib.contract",), pedantic=True)
    assert check_batch(batch([own.encode()])).num_rows == 0
    assert check_batch(batch([own.encode()]), settings=settings).num_rows == 1
    foreign = replace(settings, functions=("mylib.\u03bccontract",))
    spelled = own.replace("contract", "\xb5contract")  # Python reads both as one name
    assert check_batch(batch([spelled.encode()]), settings=foreign).num_rows == 1
    unused = Settings(extend_select=("EIN901",))
    assert check_batch(batch([b"x = 1  # NOQA: EIN105\n"]), settings=unused).num_rows == 1


def test_python_sees_no_text_without_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("einlint.arrow.batch.records_of", lambda row, _: seen.append(row) or [])
    check_batch(batch([b"x = 1", b"softmax", SOURCE.encode(), b"softmax @ bmm", None]))
    assert [row.filename for row in seen] == ["m2.py", "m3.py", "m4.py"]


def test_what_fails_in_one_row_ends_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(source: object, settings: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("einlint.arrow.rows.check", check)
    (row,) = check_batch(batch([SOURCE.encode()])).to_pylist()
    assert row["problem"] == "failed"
    assert "KeyError('a bug')" in row["message"]


def test_half_of_a_surrogate_pair_is_written_as_an_escape() -> None:
    source = SOURCE.replace("bhqd,bhkd->bhqk", "bh\\ud800d,bhkd->bhqk")
    (row,) = check_batch(batch([source.encode()])).to_pylist()
    assert row["code"] == "EIN001"
    assert "\\ud800" in row["equation"]


def test_a_notebook_is_read_as_one() -> None:
    cell = '{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, '
    lines = ", ".join(f'"{line}\\n"' for line in SOURCE.replace('"', '\\"').splitlines())
    text = f'{{"cells": [{cell}"source": [{lines}]}}], "metadata": {{}}, "nbformat": 4}}'
    rows = pa.RecordBatch.from_arrays(
        [pa.array(["a.ipynb"]), pa.array([text])], ["path", "content"]
    )
    (row,) = check_batch(rows).to_pylist()
    assert (row["cell"], row["location"]["row"]) == (1, 5)


def test_a_key_with_the_name_of_a_finding_s_column_gets_another() -> None:
    rows = batch([SOURCE.encode()])
    renamed = pa.RecordBatch.from_arrays(rows.columns, ["path", "content", "kind"])
    (row,) = check_batch(renamed).to_pylist()
    assert (row["source_kind"], row["kind"]) == (0, "batched-matmul")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["path", "text", "repo"], "there is no column `content`; the columns are `path`, `text`"),
        (["path", "repo", "content"], "the column `content` is int64, and neither text nor bytes"),
        (["path", "content", "path"], "there is more than one column `path`"),
        (["path", "content", "repo", "repo"], "more than one column would be called `repo`"),
    ],
)
def test_a_batch_of_another_form_is_refused(names: list[str], said: str) -> None:
    rows = batch([b"x = 1"])
    columns = [*rows.columns, rows.column(2)][: len(names)]
    with pytest.raises(UnusableError, match=said):
        check_batch(pa.RecordBatch.from_arrays(columns, names))


def test_other_names_of_the_columns() -> None:
    rows = pa.RecordBatch.from_arrays([pa.array(["a.py"]), pa.array([SOURCE])], ["file", "text"])
    found = check_batch(rows, path_column="file", content_column="text")
    assert found.schema.names[:2] == ["file", "problem"]
    assert found.num_rows == 1
