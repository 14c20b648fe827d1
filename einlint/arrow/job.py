"""What a worker process does with a piece; and with one on which a worker has died, row by row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa

from einlint.arrow.batch import check_batch, findings_batch
from einlint.arrow.parts import Parts
from einlint.arrow.plan import Piece, Plan
from einlint.arrow.reader import PieceReader
from einlint.arrow.rows import Problem, problem_record


@dataclass(frozen=True, slots=True)
class Job:
    """Checks pieces and writes their parts; it keeps a file open from one piece to the next."""

    plan: Plan
    parts: Parts
    reader: PieceReader = field(default_factory=PieceReader)

    def __call__(self, piece: Piece, before_writing: Callable[[], None]) -> str | None:
        """Write the part of a piece; why that is not possible, or None."""
        try:
            found = [self._checked(batch) for batch in self.reader.batches(piece)]
            self.parts.write(piece, found, self.plan.schema, before_writing)
        except (OSError, pa.ArrowException) as error:
            return f"{piece}: {error}"
        return None

    def _checked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = self.plan.columns
        return check_batch(
            batch,
            settings=self.plan.settings,
            path_column=columns.path,
            content_column=columns.content,
        )

    def join_rows(self, piece: Piece, deaths: Mapping[Piece, str]) -> None:
        """Write the part of a piece from those of its rows.

        deaths: how the worker ended, for the rows that ended theirs.

        Raises:
            OSError: a file cannot be read or written.
        """
        self.parts.write(piece, self._of_rows(piece, deaths), self.plan.schema, lambda: None)

    def _of_rows(self, piece: Piece, deaths: Mapping[Piece, str]) -> Iterator[pa.RecordBatch]:
        content = self.plan.columns.content
        for row in rows_of(piece):
            if row not in deaths:
                yield from self.parts.batches([row])
                continue
            message = f"the process that checked it {deaths[row]}"
            record = problem_record(Problem.CRASHED, message)
            for batch in self.reader.batches(row):
                yield findings_batch(batch, [0], [record], self.plan.schema, content)


def rows_of(piece: Piece) -> tuple[Piece, ...]:
    """Each row of a piece as a piece of its own."""
    return tuple(
        replace(piece, start=row, stop=row + 1, name=f"{piece.name}-{row}")
        for row in range(piece.start, piece.stop)
    )
