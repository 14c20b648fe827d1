"""The recipe for DuckDB: the findings in the rows of a query."""

from pathlib import Path

import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")
import duckdb
import pyarrow.parquet as pq

from einlint.arrow.summary import summary_of
from examples import duck
from tests.examples.recipes import expected, found, sources


def test_the_findings_of_all_rows(tmp_path: Path) -> None:
    path, output = sources(tmp_path), tmp_path / "found.parquet"
    duck.scan(f"FROM '{path}'", str(output))
    assert found(output) == expected(path)
    assert summary_of([output], "kind").total.findings == 60


def test_a_query_selects_rows_and_names_columns(tmp_path: Path) -> None:
    path, output = sources(tmp_path), tmp_path / "found.parquet"
    duck.scan(f"SELECT path, content, repo AS number FROM '{path}' WHERE repo < 30", str(output))
    assert pq.read_schema(output).names[:2] == ["path", "number"]
    fixable = duckdb.sql(f"SELECT path FROM '{output}' WHERE fix.applicability = 'safe'")
    assert sorted(fixable.fetchall()) == [("m0.py",), ("m10.py",), ("m20.py",)]
