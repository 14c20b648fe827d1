"""Make a Parquet file of sources by seed: real files, repeated with changes, and some bad rows.

    python benchmarks/scan_data.py sources.parquet --rows 200000 --folder site-packages

A row has `path`, `content` (bytes), `package` and `number`. Of every 10,000 rows five are bad:
null, not UTF-8, with a NUL, not Python, and (once in 50,000) 50 MB large.
"""

import argparse
import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    {"path": pa.string(), "content": pa.binary(), "package": pa.string(), "number": pa.int64()}
)
EVERY = 10_000
LARGE_EVERY = 50_000


def real_files(folders: list[Path], limit: int) -> list[tuple[str, str, bytes]]:
    """Name, package and content of the files below some folders, in order."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            data = path.read_bytes() if path.is_file() else b""
            if 0 < len(data) < limit:
                name = path.relative_to(folder)
                found.append((name.as_posix(), name.parts[0].removesuffix(".py"), data))
    return found


def changed(data: bytes, number: int) -> bytes:
    """The file with a function of its own, and one more comment at its end."""
    end = b"" if data.endswith(b"\n") else b"\n"
    return data + end + f"\n\ndef _copy_{number}():\n    return {number}  # {number:x}\n".encode()


def bad(number: int) -> bytes | None:
    """The content of a bad row; five kinds in turn."""
    kinds = [None, b"caf\xe9 = 1\n", b"x = 1\0\n", b"import torch\ntorch.einsum(\n", b"\xff\xfei\0"]
    if number % LARGE_EVERY < EVERY and number % EVERY == 4:
        return b"# large\n" * (50_000_000 // 8)
    return kinds[number % EVERY]


def rows(files: list[tuple[str, str, bytes]], count: int, seed: int) -> Iterator[dict[str, object]]:
    choose = random.Random(seed)
    for number in range(count):
        name, package, data = files[choose.randrange(len(files))]
        content = bad(number) if number % EVERY < 5 else changed(data, number)
        path = f"{number // 1000}/{name}"
        yield {"path": path, "content": content, "package": package, "number": number}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--group", type=int, default=10_000, help="rows in a row group")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, default=200_000, help="bytes of a file, at most")
    parser.add_argument("--folder", type=Path, action="append")
    given = parser.parse_args()
    folders = given.folder or [Path(sysconfig.get_path("purelib"))]
    files = real_files(folders, given.limit)
    hits = sum(b"einsum" in data for _, _, data in files)
    mean = sum(len(data) for _, _, data in files) / len(files)
    print(f"{len(files):,} real files of {mean:,.0f} bytes; {hits} of them mention einsum")
    with pq.ParquetWriter(given.output, SCHEMA, compression="zstd") as writer:
        waiting = []
        for row in rows(files, given.rows, given.seed):
            waiting.append(row)
            if len(waiting) == given.group:
                writer.write_table(pa.Table.from_pylist(waiting, SCHEMA))
                waiting = []
        if waiting:
            writer.write_table(pa.Table.from_pylist(waiting, SCHEMA))


if __name__ == "__main__":
    main()
