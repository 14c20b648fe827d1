"""Ranges of a text: of a call, its arguments and its comments."""

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
