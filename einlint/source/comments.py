"""The comments of a text, and the lines that can take a new one; by Python's tokenizer."""

import io
import tokenize
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from einlint.source.lines import LineIndex


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
    is_sure: the tokenizer read the whole text. If not, everything after the place where it gave
        up that looks like a comment counts as one, even in a string, so that no comment that
        silences a call is lost; and no line there is known to be open.
    """

    found: tuple[Comment, ...] = ()
    open_lines: tuple[int, ...] = ()
    is_sure: bool = True

    def line_for(self, number: int) -> int | None:
        """The line for a comment about line `number`: that line, or the next open one."""
        position = bisect_left(self.open_lines, number)
        return self.open_lines[position] if position < len(self.open_lines) else None


def comments_of(lines: LineIndex) -> Comments:
    """Find the comments of a text."""
    # All line breaks become LF: the tokenizer must count lines as LineIndex does.
    text = "".join(f"{lines.line(number)}\n" for number in range(1, len(lines.starts) + 1))
    found: list[Comment] = []
    open_lines: list[int] = []
    last, depth = 1, 0  # depth: inside of f-strings, which are several tokens since Python 3.12
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            number, column = token.start
            last = token.end[0]
            name = tokenize.tok_name[token.type]
            depth += name.endswith("STRING_START") - name.endswith("STRING_END")
            if token.type == tokenize.COMMENT:
                found.append(_comment(lines, number, column))
            elif token.type in (tokenize.NEWLINE, tokenize.NL) and not depth:
                open_lines.append(number)
    except Exception:  # noqa: BLE001 -- Python 3.12 and 3.13 also raise SystemError and others
        first = max(last, found[-1].line + 1 if found else 1)
        return Comments((*found, *_guessed(lines, first)), tuple(open_lines), is_sure=False)
    return Comments(tuple(found), tuple(open_lines))


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
