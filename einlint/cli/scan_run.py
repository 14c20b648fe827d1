"""Run a scan: what is missing is done by all cores, then the parts become one file."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from einlint.arrow.job import Job, rows_of
from einlint.arrow.parts import Parts, plan_in
from einlint.arrow.plan import Piece, Plan
from einlint.cli.progress import progress_bar
from einlint.cli.workers import WorkerDeath, map_in_processes
from einlint.unusable import UnusableError

# Seconds; workers of a run that was killed hold its lock until they notice.
_PATIENCE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a run has done: `failures` has a line for each piece that could not be read.

    done, earlier: the rows that this run has gone through, and those that an earlier run had.
    """

    done: int
    earlier: int
    failures: tuple[str, ...] = ()


def scan_into(plan: Plan, output: Path, jobs: int) -> Scanned:
    """Do what is missing, and write the output if nothing is missing then.

    Raises:
        UnusableError: another scan writes this output, it is no file, or no process can be started.
        OSError: the output cannot be written.
    """
    if output.exists() and not output.is_file():
        raise UnusableError(f"{output}: not a regular file")  # which a file must not replace
    parts = Parts.beside(output)
    if plan_in(output) == plan.name:
        parts.remove()  # a run may have been killed after it had written the output
        return Scanned(0, plan.row_count)
    parts.create()
    with _alone(parts.folder, output):
        missing = parts.missing(plan)
        rows = sum(piece.row_count for piece in missing)
        with progress_bar(rows, "rows") as bar:
            failures = _do(Job(plan, parts), missing, jobs, bar.update)
        if not failures:
            parts.join(plan, output)
    return Scanned(rows, plan.row_count - rows, failures)


def _do(
    job: Job, pieces: Sequence[Piece], jobs: int, update: Callable[[int], None]
) -> tuple[str, ...]:
    """Do pieces; those on which a worker has died are done once more, row by row."""
    answers = _answers(job, pieces, jobs, lambda piece: update(piece.row_count))
    failures = [each for each in answers.values() if isinstance(each, str)]
    for piece in (key for key, each in answers.items() if isinstance(each, WorkerDeath)):
        of_rows = _answers(job, rows_of(piece), jobs, lambda row: None)
        failed = [each for each in of_rows.values() if isinstance(each, str)]
        failures += failed[:1]
        if not failed:
            ends = {row: end for row, end in of_rows.items() if isinstance(end, WorkerDeath)}
            job.join_rows(piece, {row: str(end) for row, end in ends.items()})
    return tuple(failures)


def _answers(
    job: Job, pieces: Sequence[Piece], jobs: int, answered: Callable[[Piece], None]
) -> Mapping[Piece, str | WorkerDeath | None]:
    return dict(zip(pieces, map_in_processes(job, pieces, jobs, answered), strict=True))


@contextmanager
def _alone(folder: Path, output: Path) -> Iterator[None]:
    """Keep other scans of the same output away."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _locked(handle):
            if time.monotonic() > deadline:
                raise UnusableError(f"{output}: another scan is writing it")
            time.sleep(0.1)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True
