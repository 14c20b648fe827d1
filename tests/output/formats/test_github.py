"""Workflow commands of GitHub."""

import re
from dataclasses import replace
from urllib.parse import unquote

from tests.output.formats.readers import Place, Reader


def read(text: str) -> list[Place]:
    return [_of_command(line) for line in text.splitlines()]


def _of_command(line: str) -> Place:
    head, _, message = line.removeprefix("::").partition("::")
    kind, _, properties = head.partition(" ")
    assert kind in ("warning", "error")
    values = dict(each.split("=", 1) for each in properties.split(","))
    row, column, code = re.match(r".*?:(\d+):(\d+): (EIN\d+) ", message).groups()  # type: ignore[union-attr]
    if (
        ":cell " in message
    ):  # the row of the annotation is that of the file, the text has the cell's
        row, column = values["line"], values.get("col", column)
    assert values["line"] == row
    assert values.get("col", column) == column
    end_column = values.get("endColumn")
    end = (int(values["endLine"]), int(end_column) if end_column else None)
    return Place(unquote(values["file"]), code, (int(row), int(column)), end)


def place_in_notebook(cell: Place, file: Place) -> Place:
    """That in the file; on several rows there is no column, so that the text's is read."""
    is_on_several_rows = file.start[0] != file.end[0]
    return replace(file, start=(file.start[0], cell.start[1])) if is_on_several_rows else file


READER = Reader(read, place_in_notebook, has_notes=False)
