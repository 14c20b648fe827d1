"""The comments of a text, and the lines that can take a new one; by Python's tokenizer."""

import io
import tokenize
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from einlint.source.lines import LineIndex
from einlint.source.spans import Span
from einlint.source.statements import Statement, statements_of

_Range = TypeVar("_Range", Span, Statement)


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment, from its `#`, which is text[start], to the end of the line.

    is_alone: nothing but white space stands before it on its line.
    """

    line: int
    start: int
    text: str
    is_alone: bool


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of a text in order.

    open_lines: the lines that end outside of strings and without a backslash; only those can take
        a new comment.
    statements: the simple statements, and the headers of the compound ones.
    formatted: the f-strings; their fields take no comment before Python 3.12.
    is_sure: the tokenizer read the whole text. If not, everything after the place where it gave
        up that looks like a comment counts as one, even in a string, so that no comment that
        silences a call is lost; and no line there is known to be open.
    """

    found: tuple[Comment, ...] = ()
    open_lines: tuple[int, ...] = ()
    statements: tuple[Statement, ...] = ()
    formatted: tuple[Span, ...] = ()
    is_sure: bool = True

    def line_for(self, number: int) -> int | None:
        """The line for a comment about line `number`: that line, or the next open one."""
        position = bisect_left(self.open_lines, number)
        return self.open_lines[position] if position < len(self.open_lines) else None

    def statement_at(self, offset: int) -> Statement | None:
        """The simple statement, or the header of a compound one, around an offset."""
        return _around(offset, self.statements)

    def is_formatted(self, offset: int) -> bool:
        """Whether an offset lies in an f-string."""
        return _around(offset, self.formatted) is not None


def comments_of(lines: LineIndex) -> Comments:
    """Find the comments of a text."""
    tokens, is_sure = _tokens(lines)
    found: list[Comment] = []
    open_lines: list[int] = []
    formatted: list[Span] = []
    depth = opened = 0  # depth: inside of f-strings, which are several tokens since Python 3.12
    for token in tokens:
        number, column = token.start
        name = tokenize.tok_name[token.type]
        if token.type == tokenize.COMMENT:
            found.append(_comment(lines, number, column))
        elif token.type in (tokenize.NEWLINE, tokenize.NL) and not depth:
            open_lines.append(number)
        elif name.endswith("STRING_START") or _is_formatted(token):
            opened = opened if depth else lines.starts[number - 1] + column
            depth += 1
        if name.endswith("STRING_END") or _is_formatted(token):
            depth -= 1
            if not depth:
                formatted.append(Span(opened, lines.starts[token.end[0] - 1] + token.end[1]))
    statements = tuple(statements_of(tokens, lines))
    if not is_sure:
        last = tokens[-1].end[0] if tokens else 1
        found += _guessed(lines, max(last, found[-1].line + 1 if found else 1))
    return Comments(tuple(found), tuple(open_lines), statements, tuple(formatted), is_sure)


def _tokens(lines: LineIndex) -> tuple[list[tokenize.TokenInfo], bool]:
    """The tokens, and whether these are all."""
    # All line breaks become LF: the tokenizer must count lines as LineIndex does.
    text = "".join(f"{lines.line(number)}\n" for number in range(1, len(lines.starts) + 1))
    found: list[tokenize.TokenInfo] = []
    try:
        found.extend(tokenize.generate_tokens(io.StringIO(text).readline))
    except Exception:  # noqa: BLE001 -- Python 3.12 and 3.13 also raise SystemError and others
        return found, False
    return found, True


def _is_formatted(token: tokenize.TokenInfo) -> bool:
    """Whether it is a whole f-string, as until Python 3.11."""
    prefix = token.string.partition("'")[0].partition('"')[0]
    return token.type == tokenize.STRING and "f" in prefix.lower()


def _around(offset: int, spans: Sequence[_Range]) -> _Range | None:
    """The one of the spans, which are in order, that an offset lies in."""
    position = bisect_right(spans, offset, key=lambda each: each.start) - 1
    return spans[position] if position >= 0 and offset < spans[position].end else None


def _guessed(lines: LineIndex, first: int) -> Iterator[Comment]:
    """Everything that looks like a comment, from line `first` on."""
    for number in range(first, len(lines.starts) + 1):
        column = lines.line(number).find("#")
        if column >= 0:
            yield _comment(lines, number, column)


def _comment(lines: LineIndex, number: int, column: int) -> Comment:
    text = lines.line(number)
    start = lines.starts[number - 1] + column
    return Comment(number, start, text[column:], is_alone=not text[:column].strip())
