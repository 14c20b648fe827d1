"""Cell: the text of one code cell, and its Python code."""

import ast
from dataclasses import dataclass
from typing import Final

from einlint.notebook.magics import binds_unseen_names, is_measured, keeps_its_names, python_of
from einlint.source.finder import UnparsableError, tree_of
from einlint.source.timed import TIMED_CELL

# Stands before a cell that is indented as a whole, which IPython accepts.
_BLOCK: Final = "if 1:\n"
LINE_END: Final = "\n"
# Stands behind a cell with a magic that may bind any name.
_STAR: Final = f"{LINE_END}from.import*\n"
# Stands before and behind the code of a timed cell, for `source.timed`.
_TIMED: Final = f"'{TIMED_CELL}'\n"


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell.

    code: its text as Python, of the same length; blank if it is not Python.
    fault: why Python cannot parse it.
    before: the text that the module needs before the code.
    """

    text: str
    code: str
    fault: UnparsableError | None = None
    before: str = ""

    @property
    def behind(self) -> str:
        """The text that the module needs behind the code; it starts with a line end."""
        if binds_unseen_names(self.text):
            return _STAR
        end = f"{LINE_END}{_TIMED}" if self.before.startswith(_TIMED) else LINE_END
        names = _bound(self.code) if keeps_its_names(self.text) else ()
        # Names assigned in a %%timeit cell are unknown afterwards.
        return f"{end}del {', '.join(names)}\n" if names else end


def cell_of(text: str) -> Cell:
    """Read the text of a cell."""
    code = python_of(text)
    if code is None:
        return Cell(text, _blank(text))
    fault = _fault(code)
    if fault is None:
        return Cell(text, code, before=_TIMED if is_measured(text) else "")
    if code.lstrip("\r\n").startswith((" ", "\t")) and _fault(_BLOCK + code) is None:
        return Cell(text, code, before=_BLOCK)
    return Cell(text, _blank(text), fault)


def _bound(code: str) -> tuple[str, ...]:
    """The names that the code assigns."""
    names = (
        each.id
        for each in ast.walk(tree_of(code))
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    )
    return tuple(dict.fromkeys(names))


def _fault(code: str) -> UnparsableError | None:
    try:
        tree_of(code)
    except UnparsableError as error:
        return error
    return None


def _blank(text: str) -> str:
    return "".join(each if each in "\r\n" else " " for each in text)
