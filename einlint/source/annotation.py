"""The comments that keep an equation beside its replacement (the setting `annotate`)."""

from collections.abc import Sequence

from einlint.diagnostics import Diagnostic, Edit
from einlint.source.comments import comments_of
from einlint.source.lines import LineIndex


def annotations(lines: LineIndex, fixed: Sequence[Diagnostic]) -> list[Edit]:
    """Edits that write each replaced equation at the end of the row its call ended on.

    Rows that cannot take a comment, as those inside a string, get none.
    """
    edits = [edit for each in fixed if each.fix for edit in each.fix.edits]
    by_row: dict[int, list[str]] = {}
    for diagnostic in fixed:
        if diagnostic.fix and diagnostic.fix.annotation:
            row = _last_row(lines.line_number(diagnostic.end), edits, lines)
            by_row.setdefault(row, []).append(diagnostic.fix.annotation)
    comments = []
    for row in sorted(set(comments_of(lines).open_rows) & set(by_row)):
        end = lines.end(row)
        comments.append(Edit(end, end, f"  # {'; '.join(by_row[row])}"))
    return comments


def _last_row(row: int, edits: Sequence[Edit], lines: LineIndex) -> int:
    """The row that ends what starts on `row`: another call may begin there and go on below."""
    for edit in edits:
        if edit.start < lines.end(row) < edit.end:
            return _last_row(lines.line_number(edit.end), edits, lines)
    return row
