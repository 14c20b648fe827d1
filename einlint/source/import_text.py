"""The text of import statements: the range to remove for one name or the whole statement."""

import ast
import re

from einlint.source.binder import BoundModule
from einlint.source.lines import LineIndex


def without_name(
    statement: ast.Import | ast.ImportFrom, position: int, lines: LineIndex
) -> tuple[int, int]:
    """The range of one of several names, with one comma; comments and other names stay."""
    start, end = lines.extent(statement.names[position])
    line = statement.names[position].lineno
    if lines.line(line).strip(" \t\f,") == lines.text[start:end]:  # alone on its line
        return _whole_lines(line, line, lines)
    if position > 0:
        previous_end = lines.extent(statement.names[position - 1])[1]
        if lines.line(line)[: lines.position(start).column - 1].strip() and _is_blank(
            lines.text[previous_end:start]
        ):
            return previous_end, end
    comma = re.compile(r"[ \t]*,[ \t]*").match(lines.text, end)
    return start, comma.end() if comma else end


def without_statement(
    statement: ast.Import | ast.ImportFrom, bound: BoundModule, lines: LineIndex
) -> tuple[int, int, str]:
    """The range of the statement, and its replacement: `pass` if its block would be empty."""
    start, end = lines.extent(statement)
    if _is_alone(statement, bound):
        return start, end, "pass"
    last_line = statement.end_lineno or statement.lineno
    before = lines.line(statement.lineno)[: lines.position(start).column - 1]
    after = lines.line(last_line)[lines.position(end).column - 1 :]
    if after.lstrip().startswith(";"):
        rest = after.lstrip()[1:].lstrip()
        return start, end + len(after) - len(rest), ""
    if before.strip():
        return start - (len(before) - len(before.rstrip().rstrip(";"))), end, ""
    return *_whole_lines(statement.lineno, last_line, lines), ""


def _is_blank(gap: str) -> bool:
    """Whether only a comma is between two names of one line."""
    return not gap.strip(" \t,")


def _is_alone(statement: ast.stmt, bound: BoundModule) -> bool:
    """Whether the block of the statement would be empty without it."""
    parent = bound.parents[statement]
    blocks = (value for _, value in ast.iter_fields(parent) if isinstance(value, list))
    block = next(block for block in blocks if statement in block)
    return len(block) == 1 and not isinstance(parent, ast.Module)


def _whole_lines(first: int, last: int, lines: LineIndex) -> tuple[int, int]:
    end = lines.starts[last] if last < len(lines.starts) else len(lines.text)
    return lines.starts[first - 1], end
