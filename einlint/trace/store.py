"""The trace on disk: one JSON object on each line, one line for each call site and signature.

The first line describes the run, and has the version of the format:

    {"trace": 2, "program_seconds": 61.2, "recorder_seconds": 0.4, "processes": 3, "failures": 0}

program_seconds is the time of all processes that called einsum, recorder_seconds the part that
recording took, and failures the number of calls that could not be recorded. Each further line has
the number of calls of one site with one signature, and their total time:

    {"filename": "/home/me/model.py", "row": 41, "column": 18, "end_row": 41, "end_column": 57,
     "digest": "8b1f6ac20e99d1b3", "api": "torch.einsum", "equation": "bhqd,bhkd->bhqk",
     "autocast": null, "compiled": false, "operands": [{"shape": [8, 12, 128, 64],
     "dtype": "float32", "layout": "contiguous", "device": "cpu", "requires_grad": true}, ...],
     "calls": 340, "seconds": 1.25, "first_calls": 1, "first_seconds": 0.01}

Lines (`row`) and columns are 1-based and the end is exclusive, as in findings; column 0 is unknown.
The digest is a hash of the source lines of the call, null without source. Sizes that torch.compile
leaves open are null, and so are shapes that cannot be read. `autocast` is the dtype that autocast
casts to, null outside of autocast. `compiled` calls were traced by torch.compile: their operands
are known, but not how often and how fast they run. Tensors without values have the device "meta".

`first_calls` and `first_seconds` are the part of `calls` and `seconds` that was the first call of
the signature in its process (cold start). Calls that raised are in neither: a line that has some
counts them as `raised` and `raised_seconds`.

If a site has more signatures than are kept, the others are merged where only their sizes, layouts
and `requires_grad` differ: a size of such a line may be a range, [lowest, highest], each axis for
itself. If there are too many even so, the rest shares one line whose fields from `api` to
`operands` are null; if there are more sites than are kept, the fields of the site are null too.

The measured time is that of the forward operator in the thread of the program: on CUDA the time to
launch its kernels; the backward pass is never included. Not recorded are calls inside TorchScript
and C++, and calls of a Python that ignores PYTHONPATH (`python -I` or `-E`).

Version 1 had no first calls, no ranges and no calls that raised; it can still be read.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from einlint.unusable import WrongFormError, json_object, typed, typed_value

VERSION: Final = 2
_READABLE: Final = (1, VERSION)
_SUFFIX: Final = "*.jsonl"
_LARGEST: Final = 2**63  # beyond all sizes that torch has, and all times


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


class SizeRange(NamedTuple):
    """The lowest and the highest size of an axis in several calls; they differ."""

    low: int
    high: int


Size: TypeAlias = int | SizeRange | None
"""The size of an axis; None if unknown."""

META: Final = "meta"
"""The device of tensors without values: meta tensors and fake ones."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor of a call. layout: contiguous, permuted (from contiguous), or other."""

    shape: tuple[Size, ...] | None
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

    @property
    def is_meta(self) -> bool:
        """Whether an operand has no values."""
        return any(operand.device == META for operand in self.operands)

    @property
    def is_merged(self) -> bool:
        """Whether it stands for several signatures, whose sizes differ."""
        shapes = (operand.shape or () for operand in self.operands)
        return any(isinstance(size, SizeRange) for shape in shapes for size in shape)


@dataclass(slots=True)
class Count:
    """The number of calls, and their time; the first calls are a part of both.

    first_calls: calls that were the first one of their signature in a process (cold start).
    raised: calls that raised, which are not among the others.
    """

    calls: int = 0
    seconds: float = 0.0
    first_calls: int = 0
    first_seconds: float = 0.0
    raised: int = 0
    raised_seconds: float = 0.0

    def add(self, seconds: float, *, has_raised: bool = False) -> None:
        """Add one call."""
        if has_raised:
            self.raised += 1
            self.raised_seconds += seconds
            return
        if not self.calls:
            self.first_calls, self.first_seconds = 1, seconds
        self.calls += 1
        self.seconds += seconds

    def add_all(self, other: "Count | Row") -> None:
        """Add the calls of another process."""
        self.calls += other.calls
        self.seconds += other.seconds
        self.first_calls += other.first_calls
        self.first_seconds += other.first_seconds
        self.raised += other.raised
        self.raised_seconds += other.raised_seconds


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the trace. site, signature: None for calls beyond its limits.

    The other fields are those of `Count`.
    """

    site: Site | None
    signature: Signature | None
    calls: int
    seconds: float
    first_calls: int = 0
    first_seconds: float = 0.0
    raised: int = 0
    raised_seconds: float = 0.0

    @property
    def all_seconds(self) -> float:
        """The time of all calls, those that raised too."""
        return self.seconds + self.raised_seconds


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
    if head.pop("trace", None) not in _READABLE:
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
    return {**site, **signature, **_counts(row)}


def _counts(row: Row) -> dict[str, object]:
    """The numbers of a line; those of calls that raised only where there are some."""
    found: dict[str, object] = {
        "calls": row.calls,
        "seconds": round(row.seconds, 9),
        "first_calls": row.first_calls,
        "first_seconds": round(row.first_seconds, 9),
    }
    if row.raised:
        found |= {"raised": row.raised, "raised_seconds": round(row.raised_seconds, 9)}
    return found


def _row(record: dict[str, Any]) -> Row:
    has_site, is_known = record["filename"] is not None, record["operands"] is not None
    return Row(
        _site(record) if has_site else None,
        typed(Signature, record, operands=_operands(record["operands"])) if is_known else None,
        **asdict(_count(record)),
    )


def _site(record: dict[str, Any]) -> Site:
    site = typed(Site, record)
    for name in ("row", "column", "end_row", "end_column"):
        _within(getattr(site, name), name)
    if site.end_row < site.row:
        raise WrongFormError(f"the call ends on line {site.end_row}, before line {site.row}")
    return site


def _count(record: dict[str, Any]) -> Count:
    count = typed(Count, {**asdict(Count()), **record})
    for name, value in asdict(count).items():
        _within(value, name)
    return count


def _within(value: float, name: str) -> None:
    if not 0 <= value < _LARGEST:  # NaN is not, either
        raise WrongFormError(f"`{name}` is {value}")


def _operands(records: Iterable[dict[str, Any]]) -> tuple[Operand, ...]:
    return tuple(typed(Operand, record, shape=_shape(record["shape"])) for record in records)


def _shape(sizes: Iterable[object] | None) -> tuple[Size, ...] | None:
    return None if sizes is None else tuple(map(_size, sizes))


def _size(size: object) -> Size:
    if isinstance(size, list):
        if len(size) != 2:
            raise WrongFormError(f"a range of sizes is {size}")
        low, high = (_number(each) for each in size)
        if low is None or high is None or high <= low:
            raise WrongFormError(f"a range of sizes is {size}")
        return SizeRange(low, high)
    return _number(size)


def _number(size: object) -> int | None:
    found: int | None = typed_value(size, int | None, "a size")
    if found is not None and (isinstance(found, bool) or not 0 <= found < _LARGEST):
        raise WrongFormError(f"a size is {found}")
    return found
