"""What a scan has to do: the rows of Parquet files in pieces, each with a name of its own."""

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from einlint import __version__
from einlint.arrow.schema import findings_schema
from einlint.settings import Settings
from einlint.unusable import UnusableError, errors_at

# Of one piece: few enough to stay in memory, and to be done again after a run was killed.
_ROWS: Final = 2048
_BYTES: Final = 32_000_000


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns with the names and the contents of the files."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows `start` to `stop` of a row group.

    step: how many rows of the group should be in memory at once.
    name: says which rows of which data these are, and how they are checked.
    """

    source: Path
    group: int
    start: int
    stop: int
    step: int
    name: str

    @property
    def row_count(self) -> int:
        """How many rows it has."""
        return self.stop - self.start

    def __str__(self) -> str:
        """The rows, for people."""
        return f"{self.source}: rows {self.start:,} to {self.stop:,} of row group {self.group}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All pieces, in the order of the result.

    schema: of the findings.
    name: says what exactly the result is made of; another one if any of that changes.
    """

    pieces: tuple[Piece, ...]
    schema: pa.Schema
    columns: Columns
    settings: Settings
    name: str

    @property
    def row_count(self) -> int:
        """How many rows all sources have."""
        return sum(piece.row_count for piece in self.pieces)


def plan_of(sources: Sequence[Path], columns: Columns, settings: Settings) -> Plan:
    """The plan for some Parquet files.

    Raises:
        UnusableError: one cannot be read, or lacks a column; or they have different columns.
    """
    schemas: list[pa.Schema] = []
    pieces: list[Piece] = []
    for source in sources:
        with errors_at(source), pq.ParquetFile(source) as file:
            metadata, schema = file.metadata, _findings_schema(file.schema_arrow, columns)
        _require_same(sources[0], schemas[:1], source, schema)
        schemas.append(schema)
        tool = f"{__version__} {sys.version_info[:2]}"  # what is no Python depends on that, too
        made_of = (_identity(source), tool, repr(columns), repr(settings), str(schema))
        pieces += _pieces(source, metadata, _digest(*made_of))
    name = _digest(*(piece.name for piece in pieces), str(schemas[0]))
    return Plan(tuple(pieces), schemas[0], columns, settings, name)


def _findings_schema(source: pa.Schema, columns: Columns) -> pa.Schema:
    return findings_schema(source, path_column=columns.path, content_column=columns.content)


def _require_same(first: Path, known: Sequence[pa.Schema], source: Path, schema: pa.Schema) -> None:
    for other in known:
        if schema != other:
            mine, its = (
                ", ".join(f"{field.name}: {field.type}" for field in each if field not in against)
                for each, against in ((other, list(schema)), (schema, list(other)))
            )
            raise UnusableError(
                f"{source} has other columns than {first}, so their findings do not fit into one "
                f"file: {its or 'none'} instead of {mine or 'none'}, or another order"
            )


def _pieces(source: Path, metadata: pq.FileMetaData, digest: str) -> Iterator[Piece]:
    for group in range(metadata.num_row_groups):
        facts = metadata.row_group(group)
        count = facts.num_rows
        bytes_each = facts.total_byte_size / max(1, count)
        size = max(1, min(_ROWS, int(_BYTES / max(1.0, bytes_each))))
        for start in range(0, count, size):
            stop = min(count, start + size)
            yield Piece(source, group, start, stop, size, f"{digest}-{group}-{start}-{stop}")


def _identity(source: Path) -> str:
    """What changes when the data of a file do: its place, size, time and last bytes."""
    with open(source, "rb") as stream:
        status = os.fstat(stream.fileno())
        # The end of a Parquet file says where all columns lie, with their statistics.
        stream.seek(max(0, status.st_size - 65536))
        end = hashlib.sha256(stream.read()).hexdigest()
    return f"{os.path.realpath(source)} {status.st_size} {status.st_mtime_ns} {end}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:24]
