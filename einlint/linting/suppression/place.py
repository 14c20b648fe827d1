"""Where a new comment goes: where formatters leave it with the call that it silences.

They move a comment with the token before it, and split expressions between most others.
"""

import re
from dataclasses import dataclass
from typing import Final

from einlint.diagnostics import Edit
from einlint.linting.suppression.read import Suppressions
from einlint.source.lines import LineIndex
from einlint.source.statements import Statement

_BLANK: Final = " \t\f"
# What a call takes along to another line, and what a statement does.
_ATTACHED: Final = re.compile(r"[ \t\f]*,?[ \t\f]*(?:#.*)?")
_NOTHING: Final = re.compile(r"[ \t\f]*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class EndOfLine:
    """Behind all else on a line."""

    line: int

    def edit(self, comment: str, lines: LineIndex) -> Edit:
        """The edit that writes a comment there; it replaces trailing white space."""
        end, text = lines.end(self.line), lines.line(self.line)
        return Edit(end - len(text) + len(text.rstrip(_BLANK)), end, f"  {comment}")


@dataclass(frozen=True, slots=True)
class InCall:
    """In front of the bracket, at an offset, that closes a call; a line end follows the comment."""

    bracket: int

    def edit(self, comment: str, lines: LineIndex) -> Edit:
        """The edit that writes a comment there; it replaces white space before the bracket."""
        number = lines.line_number(self.bracket)
        line, start = lines.line(number), lines.starts[number - 1]
        before = line[: self.bracket - start].rstrip(_BLANK)
        indent = line[: len(line) - len(line.lstrip(_BLANK))]
        content = f"  {comment}{lines.newline}{indent}"
        return Edit(start + len(before), self.bracket, content)


def new_place(start: int, end: int, suppressions: Suppressions) -> EndOfLine | InCall | None:
    """The place for a comment about the call at text[start:end]; None if no line can take it.

    That is the end of the call; if more follows there, the end of the statement or header around
    it; and inside the call if formatters would part that from the comment.
    """
    lines, comments = suppressions.lines, suppressions.comments
    first, last = lines.line_number(start), lines.line_number(end)
    line = comments.line_for(last)
    if line == last and _ATTACHED.fullmatch(lines.text, end, lines.end(last)):
        return EndOfLine(last)
    around = comments.statement_at(start)
    if around is not None and _is_loose(around, end, lines):
        inside = comments.line_for(first)
        if inside is not None and inside < last:
            return EndOfLine(inside)
        # A line end more could end a magic of a notebook, and an f-string takes no comment.
        is_script, is_call = lines.parts is None, lines.text[end - 1 : end] == ")"
        if is_script and is_call and not comments.is_formatted(start):
            return InCall(end - 1)
    elif around is not None:
        line = comments.line_for(lines.line_number(around.end))
    return None if line is None else EndOfLine(line)


def _is_loose(around: Statement, end: int, lines: LineIndex) -> bool:
    """Whether formatters part a comment at the end of a statement from a call that ends there.

    They end a line behind each statement, and put parentheses around a value with its comment.
    """
    behind = lines.end(lines.line_number(around.end))
    return end < around.value or not _NOTHING.fullmatch(lines.text, around.end, behind)
