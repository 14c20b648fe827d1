"""The setting `annotate`: write the replaced equation in a comment beside its replacement."""

from collections.abc import Sequence

from einlint.diagnostics import Diagnostic, Edit
from einlint.source.comments import comments_of
from einlint.source.lines import LineIndex


def annotations(lines: LineIndex, fixed: Sequence[Diagnostic]) -> list[Edit]:
    """Edits that write each replaced equation at the end of the last line of its call.

    Lines that cannot take a comment, for example inside a string, get none.
    """
    edits = [edit for each in fixed if each.fix for edit in each.fix.edits]
    by_line: dict[int, list[str]] = {}
    for diagnostic in fixed:
        if diagnostic.fix and diagnostic.fix.annotation:
            line = _last_line(lines.line_number(diagnostic.end), edits, lines)
            by_line.setdefault(line, []).append(diagnostic.fix.annotation)
    comments = []
    for line in sorted(set(comments_of(lines).open_lines) & set(by_line)):
        end = lines.end(line)
        comments.append(Edit(end, end, f"  # {'; '.join(by_line[line])}"))
    return comments


def _last_line(line: int, edits: Sequence[Edit], lines: LineIndex) -> int:
    """The last line after the edits: another replaced call may start on `line` and go on below."""
    for edit in edits:
        if edit.start < lines.end(line) < edit.end:
            return _last_line(lines.line_number(edit.end), edits, lines)
    return line
