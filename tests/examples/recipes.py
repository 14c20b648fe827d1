"""What tests of the recipes share: sources of which some are bad, and the findings of all."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from einlint.arrow import check_batch
from tests.arrow.tables import mixed


def sources(folder: Path, rows: int = 600) -> Path:
    """A file of sources in six row groups."""
    path = folder / "sources.parquet"
    table = pa.Table.from_batches([mixed(rows)])
    pq.write_table(table, path, row_group_size=rows // 6)
    return path


def expected(path: Path) -> list[str]:
    """What has to be found, in no order."""
    batches = pq.read_table(path).to_batches()
    return sorted(str(row) for each in batches for row in check_batch(each).to_pylist())


def found(path: Path) -> list[str]:
    """What was found, as a file or in a folder of files."""
    return sorted(map(str, pq.read_table(path).to_pylist()))
