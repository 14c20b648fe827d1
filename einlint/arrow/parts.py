"""The findings of each piece as a file of its own, until all of them become one Parquet file."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from einlint import __version__
from einlint.arrow.plan import Piece, Plan
from einlint.project.sweeping import sweep_folder
from einlint.project.temporaries import temporary_in

_PLAN: Final = b"einlint.plan"
_VERSION: Final = b"einlint.version"
# Findings in a row group of the result.
_GROUP: Final = 50_000


@dataclass(frozen=True, slots=True)
class Parts:
    """The folder of the parts, beside the file that they become."""

    folder: Path

    @classmethod
    def beside(cls, output: Path) -> "Parts":
        """The parts of an output file."""
        return cls(output.with_name(f"{output.name}.parts"))

    def create(self) -> None:
        """Make the folder, and remove what a killed run left half-written.

        Raises:
            OSError: it cannot be made.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        sweep_folder(str(self.folder))

    def missing(self, plan: Plan) -> tuple[Piece, ...]:
        """The pieces of a plan without a readable part."""
        return tuple(piece for piece in plan.pieces if not _is_whole(self._file(piece)))

    def write(
        self,
        piece: Piece,
        batches: Iterable[pa.RecordBatch],
        schema: pa.Schema,
        before_writing: Callable[[], None],
    ) -> None:
        """Write the findings of a piece: afterwards the part is whole, or not there.

        Raises:
            OSError: the folder is gone, or on a full disk.
        """
        with temporary_in(self.folder, 0o666) as (temporary, stream):
            with pa.ipc.new_file(stream, schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
            stream.flush()
            before_writing()
            os.replace(temporary, self._file(piece))

    def join(self, plan: Plan, output: Path) -> None:
        """Write the findings of all parts, in the order of the plan, and remove the parts.

        Raises:
            OSError: the output cannot be written; what was there before is unchanged.
        """
        schema = plan.schema.with_metadata({_PLAN: plan.name, _VERSION: __version__})
        target = Path(os.path.realpath(output))
        with temporary_in(target.parent, 0o666) as (temporary, stream):
            with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
                for table in _groups(self.batches(plan.pieces)):
                    writer.write_table(table.cast(schema))
            stream.flush()
            os.fsync(stream.fileno())
            os.replace(temporary, target)
        self.remove()

    def remove(self) -> None:
        """Remove the folder."""
        with suppress(OSError):  # nobody needs it now, and it is in nobody's way
            shutil.rmtree(self.folder)

    def batches(self, pieces: Iterable[Piece]) -> Iterator[pa.RecordBatch]:
        """The findings in the parts of some pieces.

        Raises:
            OSError: one of them is not there.
        """
        for piece in pieces:
            with pa.OSFile(str(self._file(piece))) as stream, pa.ipc.open_file(stream) as reader:
                for number in range(reader.num_record_batches):
                    yield reader.get_batch(number)

    def _file(self, piece: Piece) -> Path:
        return self.folder / f"{piece.name}.arrow"


def _is_whole(part: Path) -> bool:
    """Whether a part is there and has its end, which a disk without power may have lost."""
    try:
        with pa.OSFile(str(part)) as stream, pa.ipc.open_file(stream):
            return True
    except (OSError, pa.ArrowException):
        return False


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        if batch.num_rows:
            waiting.append(batch)
            count += batch.num_rows
        if count >= _GROUP:
            yield pa.Table.from_batches(waiting)
            waiting, count = [], 0
    if waiting:
        yield pa.Table.from_batches(waiting)


def plan_in(findings: Path) -> str | None:
    """The name of the plan that a file of findings was made by; None for other files."""
    try:
        metadata = pq.read_schema(findings).metadata or {}
    except (OSError, pa.ArrowException):
        return None
    name = metadata.get(_PLAN)
    return None if name is None else bytes(name).decode(errors="replace")
