"""Spark: the sources in a table of a warehouse, checked by its executors.

pip install 'einlint[scan]' pyspark
python examples/spark.py SOURCES.parquet... FINDINGS_FOLDER
"""

import sys
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from einlint.arrow import check_batch, findings_schema


def findings(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The findings in batches of sources."""
    return map(check_batch, batches)


def scan(spark: SparkSession, sources: Sequence[str], output: str) -> None:
    """Check the sources in Parquet files; write the findings to Parquet files in a folder."""
    rows = spark.read.parquet(*sources)
    schema = from_arrow_schema(findings_schema(to_arrow_schema(rows.schema)))
    rows.mapInArrow(findings, schema).write.mode("errorifexists").parquet(output)


if __name__ == "__main__":
    # Sources are long: fewer in a batch than Spark's 10,000.
    session = SparkSession.builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "2048")
    scan(session.getOrCreate(), sys.argv[1:-1], sys.argv[-1])
