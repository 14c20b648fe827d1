"""From a frame that calls something to the place of that call in a file."""

import os
import re
import tokenize
from collections.abc import Sequence
from hashlib import sha256
from itertools import islice
from types import CodeType
from typing import Final

from einlint.trace.store import Site

# torch numbers the modules that it compiles: every compilation would be a file of its own.
_GENERATED: Final = re.compile(r"<eval_with_key>.*")

Positions = tuple[int | None, int | None, int | None, int | None]
"""Row, end row, and both columns in bytes, as Python's `co_positions` has them."""


def positions_of(code: CodeType, offset: int) -> Positions:
    """Where the instruction at `offset` comes from."""
    return next(islice(code.co_positions(), offset // 2, None))


def site_at(filename: str, positions: Positions, folder: str) -> Site:
    """The site of an expression.

    Args:
        filename: as the code has it.
        positions: of the expression.
        folder: what a relative filename is seen from.
    """
    row, end_row, column, end_column = positions
    row, end_row = row or 0, end_row or row or 0
    if filename.startswith("<"):
        filename, lines = _GENERATED.sub("<eval_with_key>", filename), []
    else:
        filename = os.path.realpath(os.path.join(folder, filename))
        lines = _lines(filename)[row - 1 : end_row] if row else []
    if column is None or end_column is None:  # Python was told not to keep columns
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
    """What changes when one of the lines does, their ends aside; None of nothing."""
    if not lines:
        return None
    text = "\n".join(line.rstrip("\r\n") for line in lines)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def _lines(filename: str) -> list[str]:
    try:
        with tokenize.open(filename) as stream:
            return stream.readlines()
    except (OSError, SyntaxError, ValueError, LookupError):
        return []  # gone, or in no encoding that there is


def _characters(line: str, count: int) -> int:
    return len(line.encode(errors="surrogatepass")[:count].decode(errors="replace"))
