"""ReadCalls: the parts of the calls of a file; libcst reads those in f-strings before 3.12."""

import ast
import sys
from dataclasses import dataclass
from typing import Final, TypeGuard

from einlint.source.call_spans import call_span
from einlint.source.expression_tokens import TokensError, comments_in, printing_fields
from einlint.source.lines import LineIndex
from einlint.source.spans import CallSpan, Span, is_inside, outermost

# Their parts have no places in a tree of Python 3.11.
_HAS_PLACES: Final = sys.version_info >= (3, 12)


@dataclass(slots=True, eq=False)
class ReadCalls:
    """Reads the calls of a file.

    Comments are searched once for a call and the calls inside of it, which come next.
    """

    lines: LineIndex
    _searched: Span | None = None
    _comments: tuple[Span, ...] | None = None

    def call(self, node: ast.Call) -> CallSpan | None:
        """The parts of a call outside of f-strings; None if they cannot be told."""
        place = Span(*self.lines.extent(node))
        if self._searched is None or not self._searched.holds(place):
            self._searched = place
            self._comments = self._comments_of(place)
        return None if self._comments is None else call_span(node, self.lines, self._comments)

    def calls_in_string(self, string: ast.expr) -> tuple[CallSpan, ...]:
        """Those in an f-string or a t-string, in the order of the text, if they can be read."""
        place = Span(*self.lines.extent(string))
        if not _HAS_PLACES:
            return _calls_by_libcst(place, self.lines.text)
        try:
            fields = outermost(printing_fields(place.of(self.lines.text)))
        except TokensError:
            return ()
        comments = self._comments_of(place)
        if comments is None:
            return ()
        found: list[CallSpan] = []
        for call in ast.walk(string):
            if isinstance(call, ast.Call):
                where = Span(*self.lines.extent(call)).moved(-place.start)
                is_printed = is_inside(where, fields)
                span = call_span(call, self.lines, comments, is_printed=is_printed)
                found += [] if span is None else [span]
        return tuple(sorted(found, key=lambda each: (each.span.start, -each.span.end)))

    def _comments_of(self, place: Span) -> tuple[Span, ...] | None:
        try:
            return comments_in(place.of(self.lines.text), place.start)
        except TokensError:
            return None


def is_formatted_string(node: ast.AST) -> TypeGuard[ast.expr]:
    """Whether it is an f-string, or a t-string of Python 3.14."""
    return isinstance(node, ast.JoinedStr) or type(node).__name__ == "TemplateStr"


def _calls_by_libcst(place: Span, text: str) -> tuple[CallSpan, ...]:
    # Imported here: a report on other files needs no libcst, and a browser has none.
    try:
        from einlint.source.second_reader import calls_in
    except ImportError:
        return ()
    return tuple(each.moved(place.start) for each in calls_in(place.of(text)))
