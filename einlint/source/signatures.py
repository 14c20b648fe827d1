"""What the table of operators is made of: the parameters of an operator, and what it returns."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from einlint.algebra.polynomials import Polynomial
from einlint.algebra.sizes import Axis, Shape
from einlint.source.terms import APPLY, FREE, STARRED, TUPLE, Term

if TYPE_CHECKING:
    from einlint.source.shapes import Shapes


class Parts(NamedTuple):
    """What an operator returns that returns several tensors.

    at_most: there may be fewer, of the shapes of the first ones.
    """

    shapes: tuple[Shape | None, ...]
    at_most: bool = False


Transfer: TypeAlias = "Callable[[CallArguments], Shape | Parts | None]"

# Other names of the same arguments: numpy's, and that of the method.
_ALSO: Final = {"axis": "dim", "keepdims": "keepdim", "split_size": "split_size_or_sections"}


class Signature(NamedTuple):
    """An operator whose result has a known shape.

    parameters: their names; the last one may take all arguments that are left, as in `*size`.
    transfer: the shape of the result, as a function of the arguments.
    added_axes: how many more axes the result has than the first operand, where that is known
        without the ranks; None where it is not.
    """

    parameters: tuple[str, ...]
    transfer: Transfer
    added_axes: "Callable[[CallArguments], int | None]" = lambda _: None


@dataclass(frozen=True)
class CallArguments:
    """The arguments of one call by the names of the parameters, and what is known of them."""

    term: Term
    signature: Signature
    shapes: "Shapes"

    @cached_property
    def _by_name(self) -> dict[str, Term]:
        names = self.signature.parameters
        # A layer is called with the tensor, and was made with what the parameters name.
        made = self.term.operands[0] if self.term.operator == APPLY else self.term
        found = dict(zip(names, made.positional, strict=False))
        return found | {_ALSO.get(name, name): each for name, each in made.keywords.items()}

    @property
    def input(self) -> Term | None:
        """The tensor it is called with."""
        first = self.term.operands[1:2] if self.term.operator == APPLY else self.term.operands[:1]
        return first[0] if first else None

    @property
    def shape(self) -> Shape | None:
        """The shape of the tensor it is called with."""
        return None if self.input is None else self.shapes.of(self.input)

    def term_of(self, name: str) -> Term | None:
        """An argument."""
        return self._by_name.get(name)

    def shape_of(self, name: str) -> Shape | None:
        """The shape of an argument."""
        term = self.term_of(name)
        return None if term is None else self.shapes.of(term)

    def integer(self, name: str, default: int | None = None) -> int | None:
        """An argument that is a literal integer; `default` only where it is not passed."""
        term = self.term_of(name)
        if term is None:
            return default
        number = self.shapes.number(term)
        return None if number is None else number.constant

    def number(self, name: str) -> Polynomial | None:
        """An argument that is an integer, if it is a number at all."""
        term = self.term_of(name)
        return None if term is None else self.shapes.number(term)

    def rest(self) -> tuple[Term, ...]:
        """What the last parameter takes; where that is one tuple or list, what is in it."""
        given = self.term.positional[len(self.signature.parameters) - 1 :]
        if len(given) == 1 and given[0].operator == TUPLE:
            return given[0].operands
        return given

    def sizes(self) -> Shape | None:
        """The sizes that the last parameter takes."""
        given = self.term.positional[len(self.signature.parameters) - 1 :]
        if len(given) == 1 and given[0].operator != TUPLE and not self.shapes.is_int(given[0]):
            return None  # it may be a whole tuple of sizes, or a dtype
        return self.sizes_in(self.rest())

    def sizes_in(self, terms: tuple[Term, ...]) -> Shape | None:
        """Terms as sizes; -1 where it is said, and where a name may stand for it."""
        axes: list[Axis] = []
        for term in terms:
            number = None if term.operator == STARRED else self.shapes.number(term)
            if number is None or (number.constant is not None and number.constant < -1):
                return None
            axes.append(self.axis(number))
        return tuple(axes) if terms else None

    def axis(self, size: int | Polynomial) -> Axis:
        """An axis of this size, which the statement of the call shows."""
        number = Polynomial.of(size) if isinstance(size, int) else size
        return self.shapes.axis(number, self.term.line)

    def polynomial(self, axis: Axis) -> Polynomial:
        """The size of an axis."""
        assert axis.size is not None
        return self.shapes.symbols.polynomial(axis.size)

    def unknown(self, place: object = None) -> Axis:
        """An axis of which nothing is known, the same one whenever it is asked for."""
        return self.shapes.unknown((self.term, place), self.term.line)

    def product(self, numbers: list[Polynomial]) -> Polynomial:
        """All of them multiplied."""
        total = Polynomial.of(1)
        for number in numbers:
            total = self.shapes.symbols.bounded(total * number)
        return total

    def total(self, shape: Shape) -> Polynomial:
        """The number of elements."""
        return self.product([self.polynomial(axis) for axis in shape])

    def positive(self, axis: Axis, place: object) -> Axis:
        """The axis, or an unknown one where its name may stand for -1."""
        number = self.polynomial(axis)
        if gcd(*(factor for _, factor in number.terms)) > 1:
            return axis
        is_positive = all(factor > 0 for _, factor in number.terms)
        is_sure = is_positive and self.shapes.symbols.is_length(number)
        return axis if is_sure else self.unknown(place)


def name_of(term: Term) -> str:
    """What the source calls a free value; empty for others."""
    return str(getattr(term.detail, "name", "")) if term.operator == FREE else ""


def owner_of(term: Term) -> object:
    """The function of which a free value is a parameter."""
    return getattr(term.detail, "group", None) if term.operator == FREE else None
