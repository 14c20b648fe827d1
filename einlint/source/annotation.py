"""The comments that keep an equation beside its replacement (the setting `annotate`)."""

import io
import tokenize
from collections.abc import Sequence

from einlint.diagnostics import Diagnostic, Edit
from einlint.lines import LineIndex


def annotations(text: str, fixed: Sequence[Diagnostic]) -> list[Edit]:
    """Edits that write each replaced equation at the end of the row its call ended on.

    Rows that cannot take a comment, as those inside a string, get none.
    """
    lines = LineIndex.of(text)
    edits = [edit for each in fixed if each.fix for edit in each.fix.edits]
    by_row: dict[int, list[str]] = {}
    for diagnostic in fixed:
        if diagnostic.fix and diagnostic.fix.annotation:
            row = _last_row(diagnostic.range.end.row, edits, lines)
            by_row.setdefault(row, []).append(diagnostic.fix.annotation)
    comments = []
    for row in sorted(_rows_that_take_a_comment(lines) & set(by_row)):
        end = _end(row, lines)
        content = f"  # {'; '.join(by_row[row])}"
        comments.append(Edit(end, end, content, lines.range(end, end)))
    return comments


def _last_row(row: int, edits: Sequence[Edit], lines: LineIndex) -> int:
    """The row that ends what starts on `row`: another call may begin there and go on below."""
    for edit in edits:
        if edit.start < _end(row, lines) < edit.end:
            return _last_row(edit.range.end.row, edits, lines)
    return row


def _end(row: int, lines: LineIndex) -> int:
    return lines.starts[row - 1] + len(lines.line(row))


def _rows_that_take_a_comment(lines: LineIndex) -> set[int]:
    """The rows that end in a line break which is neither escaped nor part of a string."""
    text = "".join(f"{lines.line(row + 1)}\n" for row in range(len(lines.starts)))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0] for token in tokens if token.type in (tokenize.NEWLINE, tokenize.NL)}
