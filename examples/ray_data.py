"""Ray Data: the files of a cluster's storage, checked by all of its cores.

    pip install 'einlint[scan]' 'ray[data]'
    python examples/ray_data.py SOURCES.parquet... FINDINGS_FOLDER

Ray starts a task again when its process or machine dies. Each task's findings are one file, and
the file has the name of the task: what a killed task has written is written over.
"""

import sys
from collections.abc import Sequence

import pyarrow as pa
import ray.data

from einlint.arrow import check_batch, findings_schema


def findings(table: pa.Table) -> pa.Table:
    """The findings in a block of sources."""
    found = [check_batch(batch) for batch in table.to_batches()]
    return pa.Table.from_batches(found, findings_schema(table.schema))


def scan(sources: Sequence[str], output: str) -> None:
    """Check the sources in Parquet files; write the findings to Parquet files in a folder."""
    rows = ray.data.read_parquet(list(sources))
    rows.map_batches(findings, batch_format="pyarrow", batch_size=2048).write_parquet(output)


if __name__ == "__main__":
    scan(sys.argv[1:-1], sys.argv[-1])
