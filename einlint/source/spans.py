"""Ranges of a text: of a call, its arguments and its comments."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """text[start:end], in characters."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The text in the range."""
        return text[self.start : self.end]

    def holds(self, other: "Span") -> bool:
        """Whether `other` lies inside."""
        return self.start <= other.start and other.end <= self.end

    def moved(self, offset: int) -> "Span":
        """The span in a text that has `offset` more characters before it."""
        return Span(self.start + offset, self.end + offset)


def outermost(spans: Iterable[Span]) -> list[Span]:
    """Those that lie in none of the others, in order; spans lie inside or beside each other."""
    found: list[Span] = []
    for each in sorted(spans, key=lambda each: (each.start, -each.end)):
        if not found or not found[-1].holds(each):
            found.append(each)
    return found


def is_inside(span: Span, others: Sequence[Span]) -> bool:
    """Whether a span lies in one of others, which are in order beside each other."""
    at = bisect_right(others, span.start, key=lambda each: each.start) - 1
    return at >= 0 and others[at].holds(span)


class ArgumentSpan(NamedTuple):
    """One argument with its parentheses; `elements`: those of a list or tuple display."""

    span: Span
    elements: tuple[Span, ...] = ()

    def moved(self, offset: int) -> "ArgumentSpan":
        """The same in a text that has `offset` more characters before it."""
        elements = tuple(element.moved(offset) for element in self.elements)
        return ArgumentSpan(self.span.moved(offset), elements)


class CallSpan(NamedTuple):
    """A call, its arguments in order, and the comments inside of it.

    is_printed: it is in the `{...=}` of an f-string, which prints the source of the call.
    """

    span: Span
    arguments: tuple[ArgumentSpan, ...]
    comments: tuple[Span, ...]
    is_printed: bool = False

    def moved(self, offset: int) -> "CallSpan":
        """The same in a text that has `offset` more characters before it."""
        return CallSpan(
            self.span.moved(offset),
            tuple(argument.moved(offset) for argument in self.arguments),
            tuple(comment.moved(offset) for comment in self.comments),
            self.is_printed,
        )
