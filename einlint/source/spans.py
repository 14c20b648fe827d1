"""Where the parts of a call stand in a text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """text[start:end], in characters."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The text spanned."""
        return text[self.start : self.end]

    def holds(self, other: "Span") -> bool:
        """Whether `other` lies inside."""
        return self.start <= other.start and other.end <= self.end

    def moved(self, offset: int) -> "Span":
        """The span in a text that has `offset` more characters before it."""
        return Span(self.start + offset, self.end + offset)


@dataclass(frozen=True, slots=True)
class ArgumentSpan:
    """One argument, its parentheses included; `elements` are those of a list or tuple display."""

    span: Span
    elements: tuple[Span, ...] = ()

    def moved(self, offset: int) -> "ArgumentSpan":
        """The same in a text that has `offset` more characters before it."""
        elements = tuple(element.moved(offset) for element in self.elements)
        return ArgumentSpan(self.span.moved(offset), elements)


@dataclass(frozen=True, slots=True)
class CallSpan:
    """A call, its arguments in order, and the comments inside of it.

    is_printed: it stands in the `{...=}` of an f-string, which prints the call's own text.
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
