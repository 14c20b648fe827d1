"""The summary of findings: how many of what, and how many are fixable, by a column of choice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from einlint.arrow.schema import finding_fields
from einlint.printable import counted
from einlint.unusable import UnusableError, errors_at

_READ: Final = ("problem", "code", "name", "kind", "equation", "canonical", "fix.applicability")
# What the columns hold that are not read as they are.
_APPLICABILITY: Final = "fix.applicability"


@dataclass(slots=True)
class Tally:
    """How many findings; `safe` are fixed by --fix, `unsafe` with --unsafe-fixes."""

    findings: int = 0
    safe: int = 0
    unsafe: int = 0

    def add(self, applicability: str | None) -> None:
        """Count one more finding."""
        self.findings += 1
        self.safe += applicability == "safe"
        self.unsafe += applicability == "unsafe"

    @property
    def other(self) -> int:
        """The findings that no option fixes."""
        return self.findings - self.safe - self.unsafe


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: a value, an equation or a rule, and its tally."""

    name: str
    tally: Tally
    detail: str = ""


@dataclass(slots=True)
class Summary:
    """What is in some files of findings; the lines of each table, the most frequent first.

    by: the column of the first table.
    problems: how many rows could not be checked, by the reason.
    """

    by: str
    total: Tally = field(default_factory=Tally)
    groups: list[Line] = field(default_factory=list)
    rules: list[Line] = field(default_factory=list)
    equations: list[Line] = field(default_factory=list)
    problems: list[tuple[str, int]] = field(default_factory=list)

    @property
    def headline(self) -> str:
        """The numbers of all findings as a sentence."""
        found, problems = self.total, sum(count for _, count in self.problems)
        return (
            f"{counted(found.findings, 'finding')}: {found.safe:,} with a safe fix, "
            f"{found.unsafe:,} with an unsafe one; "
            f"{counted(problems, 'row')} could not be checked"
        )


def summary_of(files: Sequence[Path], by: str) -> Summary:
    """The summary of some files of findings.

    Args:
        files: Parquet files that `einlint scan` has written, or that hold what `check_batch` gives.
        by: a column of them, one of values that can be compared.

    Raises:
        UnusableError: a file cannot be read, or has no such column.
    """
    summary = Summary(by)
    groups: dict[str, Tally] = defaultdict(Tally)
    rules: dict[tuple[str, str], Tally] = defaultdict(Tally)
    equations: dict[tuple[str, str], Tally] = defaultdict(Tally)
    spellings: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    problems: Counter[str] = Counter()
    for value, row in _rows(files, by):
        if row["problem"] is not None:
            problems[row["problem"]] += 1
            continue
        applicability = row[_APPLICABILITY]
        summary.total.add(applicability)
        groups["-" if value is None else str(value)].add(applicability)
        rules[row["code"] or "-", row["name"] or ""].add(applicability)
        if row["canonical"] is not None:
            key = row["canonical"], row["kind"] or ""
            equations[key].add(applicability)
            spellings[key][row["equation"] or ""] += 1
    summary.groups = _lines((value, "", each) for value, each in groups.items())
    summary.rules = _lines((code, name, each) for (code, name), each in rules.items())
    # Equations that differ only in their letters are one, under the most frequent spelling.
    summary.equations = _lines(
        (spellings[key].most_common(1)[0][0], key[1], each) for key, each in equations.items()
    )
    summary.problems = problems.most_common()
    return summary


def _lines(found: Iterable[tuple[str, str, Tally]]) -> list[Line]:
    lines = (Line(name, tally, detail) for name, detail, tally in found)
    return sorted(lines, key=lambda line: (-line.tally.findings, line.name))


def _rows(files: Sequence[Path], by: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The value of `by` in each row, and what the summary reads beside it."""
    for path in files:
        with errors_at(path), pq.ParquetFile(path) as file:
            _require_columns(file.schema_arrow, by)
            columns = list(dict.fromkeys((*_READ, by)))
            for batch in file.iter_batches(columns=columns, use_threads=False):
                read = [_values(batch, name) for name in _READ]
                for value, *rest in zip(_values(batch, by), *read, strict=True):
                    yield value, dict(zip(_READ, rest, strict=True))


def _values(batch: pa.RecordBatch, name: str) -> list[Any]:
    column, _, inner = name.partition(".")
    if name in batch.schema.names:
        return list(batch.column(name).to_pylist())
    return list(pc.struct_field(batch.column(column), inner).to_pylist())


def _require_columns(schema: pa.Schema, by: str) -> None:
    own = finding_fields()
    if lacking := [name for name in own if name not in schema.names]:
        raise UnusableError(f"it holds no findings: there is no column `{lacking[0]}`")
    keys = [name for name in schema.names if not pa.types.is_nested(schema.field(name).type)]
    if by not in keys:
        known = ", ".join(f"`{each}`" for each in keys)
        raise UnusableError(f"there is no column `{by}` to count by; there are {known}")
