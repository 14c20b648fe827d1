"""Read the pieces of Parquet files one after the other, with little memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from einlint.arrow.plan import Piece

# Bytes: a column is read in steps of this size, and not as a whole.
_STEP: Final = 1 << 20


@dataclass(slots=True)
class PieceReader:
    """Reads pieces; those of one row group should be asked for in their order.

    Parquet has no way to the middle of a row group: what lies before a piece is read and left.
    """

    _place: tuple[Path, int] | None = None
    _at: int = 0
    _batches: Iterator[pa.RecordBatch] = field(default_factory=lambda: iter(()))
    _rest: pa.RecordBatch | None = None

    def batches(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """The rows of a piece.

        Raises:
            OSError, pyarrow.ArrowException: the file cannot be read, or is damaged.
        """
        if (piece.source, piece.group) != self._place or piece.start < self._at:
            self._open(piece)
        while self._at < piece.stop:
            rest, self._rest = self._rest, None
            batch = next(self._batches) if rest is None else rest
            before = max(0, piece.start - self._at)
            here = min(batch.num_rows, piece.stop - self._at)
            if here < batch.num_rows:
                self._rest = batch.slice(here)
            self._at += here
            if before < here:
                yield batch.slice(before, here - before)

    def _open(self, piece: Piece) -> None:
        self._place = None  # until the file is open
        file = pq.ParquetFile(piece.source, buffer_size=_STEP, pre_buffer=False)
        self._batches = file.iter_batches(
            batch_size=piece.step, row_groups=[piece.group], use_threads=False
        )
        self._place, self._at, self._rest = (piece.source, piece.group), 0, None
