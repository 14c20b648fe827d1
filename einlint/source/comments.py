"""The comments of a text, and the rows that can take one more, as Python's tokenizer sees them."""

import io
import tokenize
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from einlint.source.lines import LineIndex


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment from its `#`, which is text[start], to the end of the row.

    is_alone: nothing stands before it on its row.
    """

    row: int
    start: int
    text: str
    is_alone: bool


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of a text in order.

    open_rows: those that end in a line break which is neither escaped nor part of a string.
    is_sure: the tokenizer read all of it. Else whatever looks like a comment behind the place
        where it gave up is one, also in a string: a comment that silences a call is never lost.
        No row there is known to be open.
    """

    found: tuple[Comment, ...] = ()
    open_rows: tuple[int, ...] = ()
    is_sure: bool = True

    def row_for(self, row: int) -> int | None:
        """The row on which a comment about `row` can stand: itself, or the next that takes one."""
        position = bisect_left(self.open_rows, row)
        return self.open_rows[position] if position < len(self.open_rows) else None


def comments_of(lines: LineIndex) -> Comments:
    """The comments of the text; what looks like one inside a string is none."""
    text = "".join(f"{lines.line(row + 1)}\n" for row in range(len(lines.starts)))
    found: list[Comment] = []
    open_rows: list[int] = []
    last, depth = 1, 0  # depth of f-strings, which Python 3.12 and later take apart
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            row, column = token.start
            last = token.end[0]
            name = tokenize.tok_name[token.type]
            depth += name.endswith("STRING_START") - name.endswith("STRING_END")
            if token.type == tokenize.COMMENT:
                found.append(_comment(lines, row, column))
            elif token.type in (tokenize.NEWLINE, tokenize.NL) and not depth:
                open_rows.append(row)
    except Exception:  # noqa: BLE001 -- that of Python 3.12 and 3.13 raises SystemError and others
        first = max(last, found[-1].row + 1 if found else 1)
        return Comments((*found, *_guessed(lines, first)), tuple(open_rows), is_sure=False)
    return Comments(tuple(found), tuple(open_rows))


def _guessed(lines: LineIndex, first: int) -> Iterator[Comment]:
    """What looks like a comment, from a row on."""
    for row in range(first, len(lines.starts) + 1):
        column = lines.line(row).find("#")
        if column >= 0:
            yield _comment(lines, row, column)


def _comment(lines: LineIndex, row: int, column: int) -> Comment:
    line = lines.line(row)
    return Comment(row, lines.starts[row - 1] + column, line[column:], not line[:column].strip())
