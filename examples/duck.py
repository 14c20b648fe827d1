"""DuckDB: the rows that a query selects, from whatever it can read; one core checks them.

pip install 'einlint[scan]' duckdb
python examples/duck.py "FROM 'sources/*.parquet' WHERE path LIKE '%.py'" FINDINGS.parquet
"""

import sys

import duckdb
import pyarrow as pa

from einlint.arrow import check_batch, findings_schema


def scan(query: str, output: str) -> None:
    """Check the sources that a query selects; write the findings to a Parquet file."""
    with duckdb.connect() as connection:
        rows = connection.sql(query).to_arrow_reader(2048)
        schema = findings_schema(rows.schema)
        found = pa.RecordBatchReader.from_batches(schema, map(check_batch, rows))
        # A connection runs one query at a time, and the first one is still giving rows.
        with duckdb.connect() as writer:
            writer.from_arrow(found).write_parquet(output)


if __name__ == "__main__":
    scan(*sys.argv[1:])
