"""Where simple statements, and the headers of compound ones, start and end; by Python's tokens."""

import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from einlint.source.lines import LineIndex

_IDLE: Final = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)
# After `match` and its subject the line always ends, so that its colon needs no look.
_COMPOUND: Final = frozenset(
    {"async", "case", "class", "def", "elif", "else", "except", "finally", "for", "if", "try"}
    | {"while", "with"}
)
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
_COMPARISONS: Final = frozenset({"==", "!=", "<=", ">=", ":="})


@dataclass(frozen=True, slots=True)
class Statement:
    """A simple statement, a decorator, or the header of a compound statement: text[start:end].

    value: where its last assignment operator ends; `start` if it assigns nothing.
    """

    start: int
    end: int
    value: int


def statements_of(tokens: Iterable[tokenize.TokenInfo], lines: LineIndex) -> Iterator[Statement]:
    """The statements and headers in order; a header ends with its colon, comments are in none."""
    start: int | None = None
    end = value = depth = lambdas = 0
    is_first, is_header = True, False  # is_first: of its logical line
    for token in tokens:
        kind, text = token.type, token.string
        if kind in _IDLE:
            continue
        operator = text if kind == tokenize.OP else ""
        if kind == tokenize.NEWLINE or (operator == ";" and not depth):
            if start is not None:
                yield Statement(start, end, value)
            start, is_first = None, kind == tokenize.NEWLINE
            continue
        if start is None:
            start = value = _offset(token.start, lines)
            lambdas, is_header = 0, is_first and text in _COMPOUND
        end = _offset(token.end, lines)
        depth += (operator in _OPENING) - (operator in _CLOSING)
        if depth:
            continue
        lambdas += kind == tokenize.NAME and text == "lambda"
        if operator == ":" and lambdas:
            lambdas -= 1
        elif operator == ":" and is_header:
            yield Statement(start, end, value)
            start, is_first = None, False
        elif operator.endswith("=") and operator not in _COMPARISONS and not lambdas:
            value = end


def _offset(position: tuple[int, int], lines: LineIndex) -> int:
    number, column = position
    return lines.starts[number - 1] + column
