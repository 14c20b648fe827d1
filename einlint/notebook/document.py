"""The JSON text of a notebook -> the sources of its code cells, with their places in it."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from einlint.notebook.source_text import SourceText, listed, single
from einlint.notebook.values import Value, elements, members, value_at

_FORMAT: Final = 4
_PYTHON: Final = "python"


class NotebookError(ValueError):
    """The text is not a readable notebook; `offset` is the place of the error."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(reason)
        self.offset = offset


def code_cells(text: str) -> tuple[SourceText, ...]:
    """The sources of the code cells in order; empty if the kernel is not a Python kernel.

    Cells that are marked as another language have empty sources.

    Raises:
        NotebookError: not JSON, not a notebook, or not nbformat 4.
    """
    top = _members(text, _whole(text))
    _check_format(top)
    if not _is_python(top):
        return ()
    if "cells" not in top or not isinstance(top["cells"].content, list):
        raise _fault("it has no list of cells", top.get("cells"))
    found = (_members(text, each) for each in elements(text, top["cells"]))
    return tuple(_source(cell, text) for cell in found if _content(cell, "cell_type") == "code")


def _whole(text: str) -> Value:
    try:
        whole = value_at(text, 0)
        rest = text[whole.span.end :].lstrip(" \t\r\n")
        if rest:
            raise json.JSONDecodeError("Extra data", text, len(text) - len(rest))
    except json.JSONDecodeError as error:
        raise NotebookError(f"it is not JSON: {error.msg}", error.pos) from error
    except (ValueError, RecursionError) as error:
        raise NotebookError(f"it is not JSON that Python reads: {error}") from error
    return whole


def _members(text: str, value: Value) -> dict[str, Value]:
    if not isinstance(value.content, dict):
        raise _fault("there is no object here", value)
    return members(text, value)


def _check_format(top: Mapping[str, Value]) -> None:
    number = top.get("nbformat")
    if number is None:
        raise _fault("it is no notebook: it has no `nbformat`", None)
    if number.content != _FORMAT:
        reason = f"nbformat {number.content} is not read; `jupyter nbconvert --to notebook"
        raise _fault(f"{reason} --inplace FILE` makes it nbformat {_FORMAT}", number)


def _fault(reason: str, value: Value | None) -> NotebookError:
    return NotebookError(reason, value.span.start if value is not None else 0)


def _is_python(top: Mapping[str, Value]) -> bool:
    """Whether the kernel runs Python by the metadata; without metadata it does."""
    kernel = _inside(top, "metadata", "kernelspec", "language")
    language = kernel or _inside(top, "metadata", "language_info", "name") or _PYTHON
    return str(language).lower() == _PYTHON


def _source(cell: Mapping[str, Value], text: str) -> SourceText:
    source = cell.get("source")
    if _inside(cell, "metadata", "vscode", "languageId") not in (None, _PYTHON):
        return SourceText()
    match source:
        case Value(content=str()):
            return single(text, source.span)
        case Value(content=list() as parts) if all(isinstance(part, str) for part in parts):
            return listed(text, source.span, tuple(_strings(text, source)))
    raise _fault("this code cell has no source", source or next(iter(cell.values())))


def _strings(text: str, source: Value) -> Iterator[tuple[str, int, int]]:
    for each in elements(text, source):
        yield str(each.content), each.span.start, each.span.end


def _content(of: Mapping[str, Value], key: str) -> object:
    return of[key].content if key in of else None


def _inside(top: Mapping[str, Value], first: str, *keys: str) -> object:
    found = _content(top, first)
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found
