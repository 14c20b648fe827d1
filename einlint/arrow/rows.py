"""Check one row: its findings as records, or one record that says why it could not be checked."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from einlint.linting.engine import check, read, read_text
from einlint.linting.findings import Findings
from einlint.linting.judging import in_one_line
from einlint.notebook.notebook import read_notebook
from einlint.output.records import Record, record_of
from einlint.printable import counted
from einlint.rules import unparsable
from einlint.settings import Settings
from einlint.source.file import DecodeError, SourceFile, decoded

LARGEST: Final = 5_000_000
"""Bytes; Python's parser takes two hundred times the memory of a text."""

_NOTEBOOK: Final = ".ipynb"


class Problem(StrEnum):
    """Why a row could not be checked: the values of the column `problem`."""

    NULL = "null"
    TOO_LARGE = "too-large"
    NUL = "nul"
    ENCODING = "encoding"
    UNPARSABLE = "unparsable"
    FAILED = "failed"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table of sources.

    content: what the file holds; None for null.
    is_text: it was text before, and not the bytes of a file: what it says of its encoding is past.
    """

    filename: str
    content: bytes | None
    is_text: bool


def problem_record(problem: Problem, message: str) -> Record:
    """The record of a row that could not be checked."""
    return {"problem": problem.value, "message": message}


def records_of(row: Row, settings: Settings) -> list[Record]:
    """The findings in a row that are reported; bugs of einlint are records too."""
    if (problem := _problem(row)) is not None:
        return [problem]
    try:
        return list(_checked(row.filename, row.content or b"", row, settings))
    except Exception as error:  # noqa: BLE001 -- one row must not end a scan of millions
        return [problem_record(Problem.FAILED, in_one_line(error))]


def _problem(row: Row) -> Record | None:
    """What makes a row unusable, whatever it mentions."""
    data = row.content
    if data is None:
        return problem_record(Problem.NULL, "the content is null")
    if len(data) > LARGEST:
        size = f"{counted(len(data), 'byte')}, and {LARGEST:,} are the most that is parsed"
        return problem_record(Problem.TOO_LARGE, f"the content has {size}")
    if b"\0" in data:
        return problem_record(Problem.NUL, f"there is a NUL at byte {data.index(0):,}")
    try:
        _ = data.decode() if row.is_text or data.isascii() else decoded(row.filename, data)
    except (UnicodeDecodeError, DecodeError) as error:
        return problem_record(Problem.ENCODING, f"the content is not text: {error}")
    return None


def _checked(filename: str, data: bytes, row: Row, settings: Settings) -> Iterator[Record]:
    found = _findings(filename, data, row, settings).as_reported()
    for each in found.diagnostics:
        is_unparsable = each.code == unparsable.RULE.code
        problem = Problem.UNPARSABLE.value if is_unparsable else None
        yield {**record_of(each, found.places), "problem": problem}


def _findings(filename: str, data: bytes, row: Row, settings: Settings) -> Findings:
    if filename.endswith(_NOTEBOOK):
        document = read_notebook(filename, data, settings)
        return document if isinstance(document, Findings) else document.check(settings)
    source = _read(filename, data, settings, is_text=row.is_text)
    return source if isinstance(source, Findings) else check(source, settings)


def _read(
    filename: str, data: bytes, settings: Settings, *, is_text: bool
) -> SourceFile | Findings:
    if is_text and not data.startswith(codecs.BOM_UTF8):
        return read_text(filename, data.decode(), settings)
    return read(filename, data, settings)
