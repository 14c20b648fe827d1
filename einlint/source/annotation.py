"""The setting `annotate`: write the replaced equation in a comment beside its replacement."""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from einlint.diagnostics import Diagnostic, Edit
from einlint.source.comments import Comments, comments_of
from einlint.source.lines import LineIndex


def annotations(
    lines: LineIndex,
    fixed: Sequence[Diagnostic],
    comments: Callable[[], Comments] | None = None,
) -> list[Edit]:
    """Edits that write each replaced equation at the end of the last line of its call.

    Lines that cannot take a comment, for example inside a string, get none.

    comments: those of the lines, where they are kept.
    """
    edits = sorted(
        (edit for each in fixed if each.fix for edit in each.fix.edits), key=lambda edit: edit.start
    )
    last_line = _last_lines(edits, lines)
    by_line: dict[int, list[str]] = {}
    for diagnostic in fixed:
        if diagnostic.fix and diagnostic.fix.annotation:
            line = last_line(lines.line_number(diagnostic.end))
            by_line.setdefault(line, []).append(diagnostic.fix.annotation)
    if not by_line:
        return []
    known = comments_of(lines) if comments is None else comments()
    written = []
    for line in sorted(set(known.open_lines) & set(by_line)):
        end = lines.end(line)
        written.append(Edit(end, end, f"  # {'; '.join(by_line[line])}"))
    return written


def _last_lines(edits: Sequence[Edit], lines: LineIndex) -> Callable[[int], int]:
    """A function from a line to the last one of it after the edits, which are in order.

    Another replaced call may start on the line and go on below, where the next one starts.
    """
    starts = [edit.start for edit in edits]
    known: dict[int, int] = {}

    def last(line: int) -> int:
        passed = []
        while line not in known:
            passed.append(line)
            before = bisect_left(starts, lines.end(line))
            if before and lines.end(line) < edits[before - 1].end:
                line = lines.line_number(edits[before - 1].end)
            else:
                known[line] = line
        known.update(dict.fromkeys(passed, known[line]))
        return known[line]

    return last
