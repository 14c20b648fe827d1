"""The trace on disk: one JSON object on each line, one line for each call site and signature.

The first line describes the run, and has the version of the format:

    {"trace": 1, "program_seconds": 61.2, "recorder_seconds": 0.4, "processes": 3, "failures": 0}

program_seconds is the time of all processes that called einsum, recorder_seconds the part that
recording took, and failures the number of calls that could not be recorded. Each further line has
the number of calls of one site with one signature, and their total time:

    {"filename": "/home/me/model.py", "row": 41, "column": 18, "end_row": 41, "end_column": 57,
     "digest": "8b1f6ac20e99d1b3", "api": "torch.einsum", "equation": "bhqd,bhkd->bhqk",
     "autocast": null, "compiled": false, "operands": [{"shape": [8, 12, 128, 64],
     "dtype": "float32", "layout": "contiguous", "device": "cpu", "requires_grad": true}, ...],
     "calls": 340, "seconds": 1.25}

Lines (`row`) and columns are 1-based and the end is exclusive, as in findings; column 0 is unknown.
The digest is a hash of the source lines of the call, null without source. Sizes that torch.compile
leaves open are null, and so are shapes that cannot be read. `autocast` is the dtype that autocast
casts to, null outside of autocast. `compiled` calls were traced by torch.compile: their operands
are known, but not how often and how fast they run. If a site has more signatures than are kept, the
others share one line whose fields from `api` to `operands` are null; if there are more sites than
are kept, the fields of the site are null too.

The measured time is that of the forward operator in the thread of the program: on CUDA the time to
launch its kernels; the backward pass is never included. Not recorded are calls that raise, calls
inside TorchScript and C++, and calls of a Python that ignores PYTHONPATH (`python -I` or `-E`).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from einlint.unusable import WrongFormError, json_object, typed, typed_value

VERSION: Final = 1
_SUFFIX: Final = "*.jsonl"


class TraceError(ValueError):
    """A file is not a trace, or a trace of another version."""


@dataclass(frozen=True, slots=True)
class Site:
    """The place of a call; the fields are those of the file."""

    filename: str
    row: int
    column: int
    end_row: int
    end_column: int
    digest: str | None


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor of a call. layout: contiguous, permuted (from contiguous), or other."""

    shape: tuple[int | None, ...] | None
    dtype: str
    layout: str
    device: str
    requires_grad: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """The arguments of a call; the fields are those of the file."""

    api: str
    equation: str | None
    autocast: str | None
    compiled: bool
    operands: tuple[Operand, ...]


@dataclass(slots=True)
class Count:
    """The number of calls, and their time."""

    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the trace. site, signature: None for calls beyond its limits."""

    site: Site | None
    signature: Signature | None
    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of recording, summed over processes."""

    program_seconds: float = 0.0
    recorder_seconds: float = 0.0
    processes: int = 0
    failures: int = 0

    def plus(self, other: "Cost") -> "Cost":
        """The cost of both."""
        return Cost(
            self.program_seconds + other.program_seconds,
            self.recorder_seconds + other.recorder_seconds,
            self.processes + other.processes,
            self.failures + other.failures,
        )


@dataclass(frozen=True, slots=True)
class Trace:
    """The content of a trace file."""

    cost: Cost = Cost()
    rows: tuple[Row, ...] = field(default=())


def to_lines(cost: Cost, rows: Iterable[Row]) -> str:
    """The text of a trace file."""
    records: list[dict[str, object]] = [{"trace": VERSION, **asdict(cost)}]
    records += [_record(row) for row in rows]
    return "".join(f"{json.dumps(record)}\n" for record in records)


def read(path: Path) -> Trace:
    """Read a trace file, or a folder of traces that a killed `einlint trace` left.

    Raises:
        OSError: the file cannot be read.
        TraceError: the file is not a trace.
    """
    if not path.is_dir():
        return _parse(path, path.read_text(encoding="utf-8", errors="replace"))
    found = read_parts(path)
    if not found.cost.processes:
        raise TraceError(f"{path}: there are no traces in this folder")
    return found


def read_parts(folder: Path) -> Trace:
    """Merge the traces that processes have written into a folder, if any."""
    traces = [read(part) for part in sorted(folder.glob(_SUFFIX))]
    cost = Cost()
    for each in traces:
        cost = cost.plus(each.cost)
    return Trace(cost, tuple(row for each in traces for row in each.rows))


def _parse(path: Path, text: str) -> Trace:
    lines = text.splitlines()
    head = _object(path, 1, lines[0]) if lines else {}
    if head.pop("trace", None) != VERSION:
        raise TraceError(f"{path}: not a trace of this version of einlint: record it again")
    try:
        cost = typed(Cost, head)
    except (KeyError, TypeError, WrongFormError) as error:
        raise TraceError(f"{path}:1: not the first line of a trace: {error}") from error
    return Trace(cost, tuple(_rows(path, lines)))


def _rows(path: Path, lines: Sequence[str]) -> Iterator[Row]:
    for number, line in enumerate(lines[1:], start=2):
        record = _object(path, number, line)
        try:
            yield _row(record)
        except (KeyError, TypeError, WrongFormError) as error:
            raise TraceError(f"{path}:{number}: not a line of a trace: {error}") from error


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        return json_object(line)
    except WrongFormError as error:
        raise TraceError(f"{path}:{number}: {error}") from error


def _record(row: Row) -> dict[str, object]:
    site = asdict(row.site) if row.site else dict.fromkeys(Site.__dataclass_fields__)
    signature = (
        asdict(row.signature) if row.signature else dict.fromkeys(Signature.__dataclass_fields__)
    )
    return {**site, **signature, "calls": row.calls, "seconds": round(row.seconds, 9)}


def _row(record: dict[str, Any]) -> Row:
    has_site, is_known = record["filename"] is not None, record["operands"] is not None
    calls = typed(Count, record)
    return Row(
        typed(Site, record) if has_site else None,
        typed(Signature, record, operands=_operands(record["operands"])) if is_known else None,
        calls.calls,
        calls.seconds,
    )


def _operands(records: Iterable[dict[str, Any]]) -> tuple[Operand, ...]:
    return tuple(typed(Operand, record, shape=_shape(record["shape"])) for record in records)


def _shape(sizes: Iterable[object] | None) -> tuple[int | None, ...] | None:
    if sizes is None:
        return None
    found = tuple(typed_value(size, int | None, "a size") for size in sizes)
    for size in found:
        if size is not None and not 0 <= size < 2**63:  # torch's limit
            raise WrongFormError(f"a size is {size}")
    return found
