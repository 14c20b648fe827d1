"""What is known of a value that is followed: the scores and the weights that are in it."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from einlint.algebra.equation import Subscripts

# Values with more of them are not looked into.
_MOST_TRACES: Final = 6
LAST: Final = -1
BEFORE_LAST: Final = -2
UNREAD: Final = "does to the {} what einlint does not read"
"""The words for what is named by its text."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Scores, or the weights that a softmax made of them.

    product: of query and key. softmax: None for scores.
    rank: how many axes it has; None if that is not known.
    free: the axes of the scores that only query or key has, from the right; None if it is open.
    axis: the one of the keys, from the right; None if it is not known.
    is_other: it is a softmax of what are no scores, and no product with it makes some.
    modules: how many modules of the class it has passed.
    odd: the first that einlint does not read of what was done to it, and the words for it.
    """

    product: ast.expr
    softmax: ast.expr | None = None
    rank: int | None = None
    free: frozenset[int] | None = None
    axis: int | None = None
    is_other: bool = False
    modules: int = 0
    odd: tuple[ast.expr, str] | None = None

    @property
    def obstacle(self) -> str:
        """What of it is not read, in the words of a report; empty if all is."""
        if self.odd is None:
            return ""
        node, words = self.odd
        if words.startswith("`"):
            return words
        text = ""
        if words.endswith(UNREAD[-8:]):
            try:
                text = " ".join(ast.unparse(node).split())
            except RecursionError:
                text = "..."
            text = f": `{text[:56]}...`" if len(text) > 60 else f": `{text}`"
        return f"line {node.lineno} {words}{text}"

    @property
    def name(self) -> str:
        """What it is, in the words of a report."""
        return "scores" if self.softmax is None else "weights"

    def past(self, node: ast.expr, words: str) -> "Trace":
        """The same behind something that is not read; `{}` in the words stands for what it is."""
        if self.odd is not None:
            return self
        return replace(self, odd=(node, words.replace("{}", self.name)))

    def exchanged(self, one: int, other: int) -> "Trace":
        """With two axes exchanged, which are counted from the right."""
        moved = {one: other, other: one}
        free = None if self.free is None else frozenset(moved.get(each, each) for each in self.free)
        axis = None if self.axis is None else moved.get(self.axis, self.axis)
        return replace(self, free=free, axis=axis)

    def permuted(self, order: tuple[int, ...]) -> "Trace":
        """With its axes in another order."""
        count = len(order)
        places = {axis % count - count: at - count for at, axis in enumerate(order)}
        free = None
        if self.free is not None:
            free = frozenset(places[each] for each in self.free if each in places)
        axis = None if self.axis is None else places.get(self.axis)
        return replace(self, free=free, axis=axis, rank=count)

    def reshaped(self) -> "Trace":
        """With axes of which nothing is known."""
        return replace(self, free=None, axis=None, rank=None)


@dataclass(frozen=True, slots=True)
class Value:
    """A value, by the traces in it.

    is_held: it is a parameter of a module, or kept by one.
    parts: of a tuple.
    """

    traces: tuple[Trace, ...] = ()
    is_held: bool = False
    parts: "tuple[Value, ...] | None" = None

    @property
    def weights(self) -> tuple[Trace, ...]:
        """The weights in it."""
        return tuple(each for each in self.traces if each.softmax is not None)


NOTHING: Final = Value()
HELD: Final = Value(is_held=True)


def joined(values: Iterable[Value]) -> Value:
    """A value that may be any of these, or is made of all of them."""
    known = [each for each in values if each is not NOTHING]
    if len(known) < 2:
        return known[0] if known else NOTHING
    found = {
        (each.product, each.softmax): each for value in reversed(known) for each in value.traces
    }
    parts = None
    counts = {-1 if each.parts is None else len(each.parts) for each in known}
    if len(counts) == 1 and known[0].parts is not None:
        columns = zip(*(each.parts or () for each in known), strict=True)
        parts = tuple(joined(each) for each in columns)
    is_held = any(each.is_held for each in known)
    return Value(tuple(found.values())[:_MOST_TRACES], is_held, parts)


def computed(values: Iterable[Value]) -> Value:
    """What is computed from all of these."""
    found = joined(values)
    return Value(found.traces) if found.is_held or found.parts is not None else found


def without_others(value: Value) -> Value:
    """The same without softmaxes of other things: a gate changes features, and leaves them such."""
    if not any(each.is_other for each in value.traces):
        return value
    return Value(tuple(each for each in value.traces if not each.is_other))


def axes_alone(inputs: tuple[Subscripts, ...], output: Subscripts) -> frozenset[int]:
    """The axes of a result, from the right, that one operand alone has."""
    count = len(output)
    return frozenset(
        at - count for at, label in enumerate(output) if sum(label in each for each in inputs) == 1
    )
