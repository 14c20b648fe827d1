"""What a test says of one format: `test_<name>.py` defines a Reader, found by the format's name."""

import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from einlint.discovery import member
from einlint.output.format import format_named
from tests.cli.run import called


@dataclass(frozen=True, order=True)
class Place:
    """What a format says of a finding's place; formats for people do not say the end.

    filename: with the cell, `a.ipynb:cell 3`, where the format has one.
    """

    filename: str
    code: str
    start: tuple[int, int]
    end: tuple[int | None, int | None] = (None, None)


def as_in_the_cell(cell: Place, file: Place) -> Place:
    """Of the same place in the cell and in the notebook's JSON, the first."""
    return cell


def as_in_the_file(cell: Place, file: Place) -> Place:
    """Of the same place in the cell and in the notebook's JSON, the second."""
    return file


@dataclass(frozen=True, slots=True)
class Reader:
    """How a format is read back.

    read: the places in a report; an error where the text is not valid.
    place_in_notebook: which place the format says, of that in the cell and that in the file.
    has_notes: it shows the notes of findings.
    plain: the report with its texts as the findings have them.
    """

    read: Callable[[str], list[Place]]
    place_in_notebook: Callable[[Place, Place], Place] = as_in_the_cell
    has_notes: bool = True
    plain: Callable[[str], str] = html.unescape


def reader_of(name: str) -> Reader:
    """The reader of a format."""
    try:
        return member("tests.output.formats", f"test_{name}", Reader)
    except ModuleNotFoundError:
        message = f"no tests of {name}: tests/output/formats/test_{name}.py has to define a Reader"
        raise AssertionError(message) from None


def shown_as(name: str, *arguments: str, cwd: Path, rc: int = 1) -> str:
    """All findings in a format, with colours asked for and a terminal as narrow as they come."""
    environment = {"COLUMNS": "20", "PYTHONUTF8": "1"}
    color = "never" if format_named(name).is_for_people else "always"
    done = called(
        *("--pedantic", "--output-format", name, "--color", color),
        *arguments,
        cwd=cwd,
        environment=environment,
    )
    assert done.returncode == rc, done.stderr
    return done.stdout.decode()


def place_of_record(record: dict[str, Any]) -> Place:
    """The place in a finding of JSON."""
    start, end = (
        (record[each]["row"], record[each]["column"]) for each in ("location", "end_location")
    )
    cell = "" if record["cell"] is None else f":cell {record['cell']}"
    return Place(record["filename"] + cell, record["code"], start, end)


def _cell(*lines: str) -> dict[str, Any]:
    rest = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {**rest, "source": list(lines)}


NOTEBOOK = json.dumps(
    {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": {},
        "cells": [
            _cell("import torch\n"),
            _cell(
                "# \u00e9\n",
                'x = torch.einsum("i,i->", a, b)\n',
                'y = 3 * torch.einsum("ij,jk->ik",\n',
                "  a, b)",
            ),
            {**_cell(), "source": "x einsum"},  # nbformat takes a list of lines, or one text
        ],
    },
    indent=1,
)
"""Two findings in its second cell, one over two lines, and a third cell that cannot be read."""
