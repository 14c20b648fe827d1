"""Measure `einlint scan` on a Parquet file: rate, CPU time and memory; killed and resumed too.

    python benchmarks/scan.py sources.parquet --kills 2 -- -j 2

Prints the load of the machine beside each rate: on a busy one, only the CPU time says something.
The memory is that of all processes together (PSS, where shared pages count once).
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from process_tree import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("options", nargs="*", help="of scan, behind --")
    given = parser.parse_args()
    rows = pq.read_metadata(given.sources).num_rows
    with tempfile.TemporaryDirectory(dir=given.sources.parent) as folder:
        whole, resumed = Path(folder, "whole.parquet"), Path(folder, "resumed.parquet")

        def command(output: Path) -> list[str]:
            scan = [sys.executable, "-m", "einlint", "scan", str(given.sources), "-o", str(output)]
            return [*scan, *given.options]

        wall, cpu, peak = run(command(whole))
        load = os.getloadavg()[0]
        print(f"{rows:,} rows: {wall:.0f} s, {cpu:.0f} CPU s, at load {load:.1f}")
        print(f"{rows / wall:,.0f} rows a second, {rows / cpu:,.0f} a CPU second")
        print(f"peak memory {peak / 1e6:,.0f} MB; {pq.read_metadata(whole).num_rows:,} findings")
        for _ in range(given.kills):
            run(command(resumed), wall * 0.4)
            parts = len(list(resumed.with_name("resumed.parquet.parts").glob("*.arrow")))
            print(f"killed: {parts} parts are done", flush=True)
        wall, cpu, _ = run(command(resumed))
        same = pq.read_table(resumed).equals(pq.read_table(whole))
        result = "the same" if same else "ANOTHER"
        print(f"resumed: {wall:.0f} s, {cpu:.0f} CPU s; the result is {result}")


if __name__ == "__main__":
    main()
