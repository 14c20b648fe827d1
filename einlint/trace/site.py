"""Find the place in a file of the call that a frame is making."""

import os
import re
import tokenize
from collections.abc import Sequence
from hashlib import sha256
from itertools import islice
from types import CodeType
from typing import Final

from einlint.trace.store import Site

# torch numbers the modules that it compiles; without the number they count as one file.
_GENERATED: Final = re.compile(r"<eval_with_key>.*")

Positions = tuple[int | None, int | None, int | None, int | None]
"""Line, end line, and both columns in bytes, in the order of Python's `co_positions`."""


def positions_of(code: CodeType, offset: int) -> Positions:
    """Where the instruction at `offset` comes from."""
    return next(islice(code.co_positions(), offset // 2, None))


def site_at(filename: str, positions: Positions, folder: str) -> Site:
    """The site of an expression.

    Args:
        filename: as in the code object.
        positions: of the expression.
        folder: the base of a relative filename.
    """
    row, end_row, column, end_column = positions
    row, end_row = row or 0, end_row or row or 0
    if filename.startswith("<"):
        filename, lines = _GENERATED.sub("<eval_with_key>", filename), []
    else:
        filename = os.path.realpath(os.path.join(folder, filename))
        lines = _lines(filename)[row - 1 : end_row] if row else []
    if column is None or end_column is None:  # with `python -X no_debug_ranges`
        return Site(filename, row, 0, end_row, 0, digest(lines))
    if not lines:
        return Site(filename, row, column + 1, end_row, end_column + 1, None)
    return Site(
        filename,
        row,
        _characters(lines[0], column) + 1,
        end_row,
        _characters(lines[-1], end_column) + 1,
        digest(lines),
    )


def digest(lines: Sequence[str]) -> str | None:
    """A hash of some lines without their line ends; None without lines."""
    if not lines:
        return None
    text = "\n".join(line.rstrip("\r\n") for line in lines)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def _lines(filename: str) -> list[str]:
    try:
        with tokenize.open(filename) as stream:
            return stream.readlines()
    except (OSError, SyntaxError, ValueError, LookupError):
        return []  # deleted, or in an unknown encoding


def _characters(line: str, count: int) -> int:
    return len(line.encode(errors="surrogatepass")[:count].decode(errors="replace"))
