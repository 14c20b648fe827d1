"""An expression over several lines -> the same on one line, where joining them changes nothing."""

import ast
import re
from collections.abc import Sequence
from typing import Final

from einlint.source.parsing import expression_of

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_OPENING: Final = ("(", "[", "{")
_CLOSING: Final = (")", "]", "}")


def on_one_line(source: str) -> str | None:
    """The expression on one line; None if that is another one, as with comments and strings."""
    lines = [line.strip() for line in _LINE_END.split(source) if line.strip()]
    wanted = _dump(source)
    # The comma of `(a,)` makes a tuple.
    attempts = (_joined(lines, drops_commas=True), _joined(lines, drops_commas=False))
    return next((each for each in attempts if wanted is not None and _dump(each) == wanted), None)


def _joined(lines: Sequence[str], *, drops_commas: bool) -> str:
    pieces = [lines[0]]
    for line in lines[1:]:
        before = pieces[-1].removesuffix("\\").rstrip()
        is_closing = line.startswith(_CLOSING)
        if is_closing and drops_commas:
            before = before.removesuffix(",")
        is_tight = is_closing or before.endswith(_OPENING) or line.startswith(".")
        pieces[-1:] = [before, line if is_tight else f" {line}"]
    return "".join(pieces)


def _dump(source: str) -> str | None:
    try:
        return ast.dump(expression_of(source))
    except (SyntaxError, RecursionError, MemoryError):
        return None
