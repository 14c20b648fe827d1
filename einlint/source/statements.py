"""Where simple statements, and the headers of compound ones, start and end; by Python's tokens."""

import tokenize
from collections.abc import Iterable, Iterator
from typing import Final

from einlint.source.lines import LineIndex
from einlint.source.spans import Span

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


def statements_of(tokens: Iterable[tokenize.TokenInfo], lines: LineIndex) -> Iterator[Span]:
    """The simple statements, and the headers of the compound ones up to their colon, in order.

    A decorator counts as a statement of its own. Comments are in none, `;` ends one.
    """
    start: int | None = None
    end = depth = lambdas = 0
    is_first, is_header = True, False  # is_first: of its logical line
    for token in tokens:
        kind, text = token.type, token.string
        if kind in _IDLE:
            continue
        is_operator = kind == tokenize.OP
        if kind == tokenize.NEWLINE or (is_operator and text == ";" and not depth):
            if start is not None:
                yield Span(start, end)
            start, is_first = None, kind == tokenize.NEWLINE
            continue
        if start is None:
            start, lambdas = _offset(token.start, lines), 0
            is_header = is_first and text in _COMPOUND
        end = _offset(token.end, lines)
        if is_operator:
            depth += (text in _OPENING) - (text in _CLOSING)
        if is_header and not depth:
            lambdas += text == "lambda"
            if is_operator and text == ":":
                if not lambdas:
                    yield Span(start, end)
                    start, is_first = None, False
                lambdas = max(0, lambdas - 1)


def _offset(position: tuple[int, int], lines: LineIndex) -> int:
    number, column = position
    return lines.starts[number - 1] + column
