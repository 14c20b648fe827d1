"""The comments that keep an equation beside its replacement (the setting `annotate`)."""

import io
import tokenize
from collections.abc import Iterable

from einlint.diagnostics import Diagnostic, Edit
from einlint.lines import LineIndex


def annotations(text: str, fixed: Iterable[Diagnostic]) -> list[Edit]:
    """Edits that write each replaced equation at the end of the row its call ended on.

    Rows that cannot take a comment, as those inside a string, get none.
    """
    lines = LineIndex.of(text)
    by_row: dict[int, list[str]] = {}
    for diagnostic in fixed:
        if diagnostic.fix and diagnostic.fix.annotation:
            by_row.setdefault(diagnostic.range.end.row, []).append(diagnostic.fix.annotation)
    open_rows = _rows_that_take_a_comment(lines) if by_row else set()
    edits = []
    for row in sorted(open_rows & set(by_row)):
        end = lines.starts[row - 1] + len(lines.line(row))
        comment = f"  # {'; '.join(by_row[row])}"
        edits.append(Edit(end, end, comment, lines.range(end, end)))
    return edits


def _rows_that_take_a_comment(lines: LineIndex) -> set[int]:
    """The rows that end in a line break which is neither escaped nor part of a string."""
    text = "".join(f"{lines.line(row + 1)}\n" for row in range(len(lines.starts)))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0] for token in tokens if token.type in (tokenize.NEWLINE, tokenize.NL)}
