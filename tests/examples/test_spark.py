"""The recipe for Spark, in local mode on two cores."""

import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")
sql = pytest.importorskip("pyspark.sql")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)
# ruff: noqa: E402 -- what needs Spark is imported where it is

from examples import spark as recipe
from tests.examples.recipes import expected, found, sources

pytestmark = pytest.mark.filterwarnings("default")


def test_the_findings_of_all_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)  # for the workers, where no venv is active
    path, output = sources(tmp_path), tmp_path / "found"
    session = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    with session.getOrCreate() as spark:
        recipe.scan(spark, [str(path)], str(output))
    assert found(output) == expected(path)
