"""Abstract values: what is known of the object that a name or an expression stands for.

What is said of sizes is said of tensors: *if* the object is a torch tensor, its axes are these.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from einlint.algebra.amounts import Amount
from einlint.algebra.sizes import Shape, Symbol


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of which nothing is known but that it is one and the same.

    shape_identity: things that have it in common have one shape, and what is learned of that
        later is in the state. is_tensor: it is surely a tensor.
    """

    name: str
    identity: int
    shape_identity: int
    is_tensor: bool = False

    @property
    def symbol(self) -> Symbol:
        """The integer it is, where it is used as one."""
        return Symbol(self.name, self.identity)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor with its axes."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Number:
    """An integer, if the symbols in it are integers."""

    amount: Amount


@dataclass(frozen=True, slots=True)
class Scalar:
    """A Python number that is no size, if the symbols that it is computed from are numbers."""

    symbols: frozenset[Symbol] = frozenset()


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant that is no number."""

    value: object


@dataclass(frozen=True, slots=True)
class ShapeOf:
    """`x.shape` of a thing whose rank is not known."""

    thing: Thing


@dataclass(frozen=True, slots=True)
class ShapePart:
    """`x.shape[:n]` or `x.shape[-n:]` of a thing whose rank is not known."""

    thing: Thing
    start: int | None
    stop: int | None


@dataclass(frozen=True, slots=True)
class Splice:
    """`*x.shape` in a display, or a part of it, which is shorter where `x` has fewer axes."""

    thing: Thing
    part: ShapePart | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A tuple, or a list that nobody has had the chance to change.

    at_most: it may have fewer parts, of the shapes of the first ones.
    """

    parts: "tuple[Value | Splice, ...]"
    is_list: bool = False
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice in a subscript; None stands for what is left out."""

    start: "Value | None"
    stop: "Value | None"
    step: "Value | None"


@dataclass(frozen=True, slots=True)
class Layer:
    """A torch module: the path of its class, and what it was made with."""

    path: str
    given: "Given"


@dataclass(frozen=True, slots=True)
class Instance:
    """`self` in a method, with the attributes that `__init__` alone sets."""

    attributes: "tuple[tuple[str, Value], ...]"


Value: TypeAlias = (
    Thing
    | Tensor
    | Number
    | Scalar
    | Literal
    | ShapeOf
    | ShapePart
    | Items
    | Slice
    | Layer
    | Instance
)


# torch takes numpy's names of these arguments too.
_NUMPY: Final = {"axis": "dim", "keepdims": "keepdim"}


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of a call; for a method its receiver comes first."""

    positional: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...] = ()

    def get(self, place: int, *names: str) -> Value | None:
        """The argument at a place or with one of the names."""
        if place < len(self.positional):
            return self.positional[place]
        named = ((_NUMPY.get(name, name), value) for name, value in self.keywords)
        return next((value for name, value in named if name in names), None)

    def rest(self, place: int) -> tuple[Value, ...]:
        """The arguments from a place on; where they are one tuple or list, what is in it."""
        values = self.positional[place:]
        match values:
            case (Items(parts=parts),):
                kept = tuple(part for part in parts if not isinstance(part, Splice))
                return kept if len(kept) == len(parts) else values
        return values
