"""The text of a cell -> Python: syntax of IPython is masked, character by character.

All offsets stay the same, so that an edit of the Python code is an edit of the cell. A masked
line becomes the expression `0`; the statement behind `%timeit` and `%time` is kept.
Source: the input transformations of IPython 7 and later.
"""

import re
from collections.abc import Iterator
from typing import Final

from einlint.notebook.logical_lines import asks_for_help, continued_end, logical_end
from einlint.source.finder import UnparsableError, tree_of

# Cell magics whose body is Python that the kernel itself runs.
_PYTHON: Final = frozenset({"capture", "prun", "time", "timeit"})
_CELL: Final = re.compile(r"((?:[ \t]*\r?\n)*)%%([^\s?]+)[^\r\n]*")
_BLANK: Final = re.compile(r"\s*")
_ESCAPED: Final = tuple("%!?,;/")
_TARGET: Final = r"""(?:[^=#'"()\n]|\[(?:'[^'\n]*'|"[^"\n]*")\])*"""
_ASSIGNED: Final = re.compile(rf"{_TARGET}=[ \t]*(?=%[ \t]*\w|!)")
_OPTIONS: Final = r"(?:--?[a-z][a-z-]*[ \t]*\d*[ \t]+)*"
_TIMED: Final = re.compile(rf"%{{0,2}}[ \t]*time(?:it)?[ \t]+{_OPTIONS}")
# Commands that a cell of one line may call without a percent sign.
_BARE: Final = re.compile(r"\s*(?:cat|cd|conda|less|ls|mamba|pip|run|time|timeit|uv)[ \t]+\S")
# Magics that bind names which the notebook does not contain.
_BINDING: Final = re.compile(r"^[ \t]*%%?[ \t]*(?:cython|pylab|run|store)\b", re.MULTILINE)
_TIMED_CELL: Final = re.compile(r"\s*%%timeit\b")
_MEASURED_CELL: Final = re.compile(r"\s*(?:%%capture[^\n]*\s*)*%%(?:prun|time|timeit)\b")

# What replaces `%timeit` before a statement and before a value; `source.timed` knows both.
_OPENING: Final = "if 1:"
_OPENING_OF_VALUE: Final = "1 and"


def python_of(cell: str) -> str | None:
    """The cell with masked magics; None if its text is in another language.

    A `%%timeit` cell with imports is None too: its names are local to the timed function.
    """
    heads, at = [], 0
    while (match := _CELL.match(cell, at)) is not None:
        if match[2] not in _PYTHON or (match[2] == "timeit" and "import" in cell[at:]):
            return None
        heads.append(f"{match[1]}{_masked(cell[match.end(1) : match.end()])}")
        at = match.end()
    body = cell[at:]
    code = "".join(_masked_lines(body))
    is_command = _BARE.match(body) and "\n" not in body.strip() and not _is_python(code)
    return f"{''.join(heads)}{_masked(body) if is_command else code}"


def binds_unseen_names(cell: str) -> bool:
    """Whether the cell binds names that it does not contain, as `%run` does."""
    return _BINDING.search(cell) is not None


def keeps_its_names(cell: str) -> bool:
    """Whether the names of the cell stay local: `%%timeit` runs it as a function."""
    return _TIMED_CELL.match(cell) is not None


def is_measured(cell: str) -> bool:
    """Whether a magic times or profiles the whole cell."""
    return _MEASURED_CELL.match(cell) is not None


def _masked_lines(text: str) -> Iterator[str]:
    """The masked logical lines, with the white space between them."""
    at = 0
    while at < len(text):
        blank = _BLANK.match(text, at)
        start = blank.end() if blank else at
        yield text[at:start]
        at, line = _line(text, start)
        yield line


def _line(text: str, start: int) -> tuple[int, str]:
    """The end of the logical line at `start`, and its text in Python."""
    assigned = _ASSIGNED.match(text, start)
    if text.startswith(_ESCAPED, start) or assigned:
        end = continued_end(text, start)
        magic = assigned.end() if assigned else start
        return end, text[start:magic] + _masked(text[magic:end], is_value=bool(assigned))
    end = logical_end(text, start)
    line = text[start:end]
    return end, _blank(line) if asks_for_help(text, start, end) else line


def _masked(magic: str, *, is_value: bool = False) -> str:
    """The magic as `0`; `%timeit` and `%time` as the statement on their line."""
    start = _BLANK.match(magic)
    timed = _TIMED.match(magic, start.end() if start else 0)
    if timed is None:
        return _blank(magic)
    opening = _OPENING_OF_VALUE if is_value else _OPENING
    code = f"{opening.ljust(timed.end())}{magic[timed.end() :]}"
    return code if _is_python(f"x = {code}" if is_value else code) else _blank(magic)


def _blank(text: str) -> str:
    """`0`, then blanks; line ends stay."""
    return re.sub(r"[^\r\n]", " ", text).replace(" ", "0", 1)


def _is_python(code: str) -> bool:
    try:
        tree_of(code)
    except UnparsableError:
        return False
    return True
