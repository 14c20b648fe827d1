"""The comments of a text, and the rows that can take one more, as Python's tokenizer sees them."""

import io
import tokenize
from bisect import bisect_left
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
    """The comments of a text in order; both are empty where the tokenizer gives up.

    open_rows: those that end in a line break which is neither escaped nor part of a string.
    """

    found: tuple[Comment, ...] = ()
    open_rows: tuple[int, ...] = ()

    def row_for(self, row: int) -> int | None:
        """The row on which a comment about `row` can stand: itself, or the next that takes one."""
        position = bisect_left(self.open_rows, row)
        return self.open_rows[position] if position < len(self.open_rows) else None


def comments_of(lines: LineIndex) -> Comments:
    """The comments of the text; what looks like one inside a string is none."""
    try:
        return _comments(lines)
    except (tokenize.TokenError, SyntaxError):
        return Comments()


def _comments(lines: LineIndex) -> Comments:
    text = "".join(f"{lines.line(row + 1)}\n" for row in range(len(lines.starts)))
    found: list[Comment] = []
    open_rows: list[int] = []
    depth = 0  # of f-strings, which Python 3.12 and later take apart
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        row, column = token.start
        name = tokenize.tok_name[token.type]
        depth += name.endswith("STRING_START") - name.endswith("STRING_END")
        if token.type == tokenize.COMMENT:
            is_alone = not lines.line(row)[:column].strip()
            found.append(Comment(row, lines.starts[row - 1] + column, token.string, is_alone))
        elif token.type in (tokenize.NEWLINE, tokenize.NL) and not depth:
            open_rows.append(row)
    return Comments(tuple(found), tuple(open_rows))
