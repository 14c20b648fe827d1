"""Measure the recipes of examples/ on a Parquet file: their fixed cost, and their rate.

    python benchmarks/engines.py sources.parquet ray_data spark duck

Run it in an environment with the engine. The fixed cost is that of a file with one row.
"""

import os
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from process_tree import run

EXAMPLES = Path(__file__).parent.parent / "examples"


def main() -> None:
    sources = Path(sys.argv[1])
    rows = pq.read_metadata(sources).num_rows
    with tempfile.TemporaryDirectory(dir=sources.parent) as folder:
        one = Path(folder, "one.parquet")
        pq.write_table(pq.ParquetFile(sources).read_row_group(0).slice(5, 1), one)
        for name in sys.argv[2:]:
            for path, count in ((one, 1), (sources, rows)):
                given = f"FROM '{path}'" if name == "duck" else str(path)
                recipe, output = str(EXAMPLES / f"{name}.py"), str(Path(folder, f"{name}{count}"))
                wall, cpu, peak = run([sys.executable, recipe, given, output])
                load = os.getloadavg()[0]
                print(
                    f"{name}, {count:,} rows: {wall:.0f} s, {cpu:.0f} CPU s, peak memory "
                    f"{peak / 1e6:,.0f} MB, at load {load:.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
