"""The sizes of the indices of an equation, from the known axes of its operands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.algebra.operand_names import called
from einlint.algebra.shapes import meet
from einlint.algebra.sizes import Axis, Shape, Size, Symbol

# Symbols of the source have identities from 0 on.
_OF_AN_OPERAND: Final = -1


class Place(NamedTuple):
    """An axis of an operand, by the operand's position."""

    operand: int
    axis: Axis


@dataclass(frozen=True, slots=True)
class SizeConflict:
    """Two axes of one index that einsum rejects."""

    index: str
    first: Place
    second: Place


class RankConflict(NamedTuple):
    """An operand whose number of axes does not fit its term."""

    operand: int
    term: Subscripts
    shape: Shape


class SizeTable(NamedTuple):
    """Every index of an equation with the axes that carry it.

    places: index -> its axes in order of the operands. The axes of an ellipsis are counted from
        the right, `...[-1]`, `...[-2]`; if a rank is unknown, they share one entry, `...`.
    rank_conflicts: operands that do not fit their term; their axes are treated as unknown.
    shapes: the axes of each operand; None if its rank is unknown, or does not fit.
    called: what messages call each operand.
    """

    equation: Equation
    places: dict[str, tuple[Place, ...]]
    rank_conflicts: tuple[RankConflict, ...]
    shapes: tuple[Shape | None, ...]
    called: tuple[str, ...]

    @property
    def size_conflicts(self) -> tuple[SizeConflict, ...]:
        """The first conflict of each index that has one."""
        found = (next(_conflicts(index, places), None) for index, places in self.places.items())
        return tuple(each for each in found if each is not None)

    @property
    def has_conflicts(self) -> bool:
        """Whether einsum rejects these operands."""
        return bool(self.rank_conflicts or self.size_conflicts)

    def places_of(self, label: str) -> tuple[Place, ...]:
        """The axes of a label, including all axes that an ellipsis stands for."""
        return tuple(place for index in self._indices(label) for place in self.places[index])

    def has_one_size(self, label: str) -> bool:
        """Whether all axes of the label are known to be equal in all operands that have it."""
        holders = {number for number, term in enumerate(self.equation.inputs) if label in term}
        return all(
            {place.operand for place in places} == holders and _common(places) is not None
            for places in (self.places[index] for index in self._indices(label))
        )

    def number(self, label: str) -> int | None:
        """The size of a label if it is a number; for an ellipsis the product of its sizes."""
        result = 1
        for index in self._indices(label):
            size = _broadcast(self.places[index]).size
            if not isinstance(size, int):
                return None
            result *= size
        return result

    def output(self) -> Shape | None:
        """The shape of the result; None if its rank is unknown."""
        if ELLIPSIS in self.equation.output and ELLIPSIS in self.places:
            return None
        indices = [each for label in self.equation.output for each in self._indices(label)]
        return tuple(_broadcast(self.places[index]) for index in indices)

    def _indices(self, label: str) -> list[str]:
        """The keys of `places` that a label stands for, from left to right."""
        if label != ELLIPSIS:
            return [label]
        return [index for index in reversed(self.places) if index.startswith(ELLIPSIS)]


def size_table(
    equation: Equation,
    shapes: Sequence[Shape | None],
    names: Sequence[str | None] = (),
    texts: Sequence[str] = (),
) -> SizeTable:
    """Collect what is known of the indices.

    Args:
        equation: what is computed.
        shapes: the known shape of each operand.
        names: the name of each operand, if any; operands with equal names are the same tensor.
        texts: the operands for messages, as for `called`.
    """
    terms = equation.inputs
    wrong = tuple(
        RankConflict(number, term, shape)
        for number, (term, shape) in enumerate(zip(terms, shapes, strict=True))
        if shape is not None and not _fits(term, shape)
    )
    unfit = {each.operand for each in wrong}
    known = [None if number in unfit else shape for number, shape in enumerate(shapes)]
    filled = tuple(_filled(number, terms, known, names) for number in range(len(terms)))
    places = _places(terms, filled, names)
    return SizeTable(equation, places, wrong, filled, called(texts, len(terms)))


def _broadcast(places: Sequence[Place]) -> Axis:
    """The axis that these axes broadcast to."""
    return meet([place.axis for place in places], Axis)


def _common(places: Sequence[Place]) -> Size | None:
    sizes = {place.axis.size for place in places}
    return sizes.pop() if len(sizes) == 1 else None


def _conflicts(index: str, places: Sequence[Place]) -> Iterator[SizeConflict]:
    numbered = [place for place in places if isinstance(place.axis.size, int)]
    for position, second in enumerate(numbered):
        for first in numbered[:position]:
            sizes = {first.axis.size, second.axis.size}
            if len(sizes) == 2 and (first.operand == second.operand or 1 not in sizes):
                yield SizeConflict(index, first, second)


def _fits(term: Subscripts, shape: Shape) -> bool:
    if ELLIPSIS in term:
        return len(shape) >= len(term) - 1
    return len(shape) == len(term)


def _name(number: int, names: Sequence[str | None]) -> str | None:
    return names[number] if number < len(names) else None


def _filled(
    number: int,
    terms: Sequence[Subscripts],
    shapes: Sequence[Shape | None],
    names: Sequence[str | None],
) -> Shape | None:
    """The shape of an operand; unknown sizes get its name, and its terms give its rank."""
    shape, name = shapes[number], _name(number, names)
    if name is None:
        return shape
    if shape is None:
        alike = (term for other, term in enumerate(terms) if _name(other, names) == name)
        exact = next((term for term in alike if ELLIPSIS not in term), None)
        shape = None if exact is None else (Axis(),) * len(exact)
    if shape is None or not _fits(terms[number], shape):
        return None
    return tuple(
        _axis_of(name, str(at)) if axis.size is None else axis for at, axis in enumerate(shape)
    )


def _axis_of(name: str, index: str) -> Axis:
    text = f"{name}.shape[{index}]"
    return Axis(Symbol(text, _OF_AN_OPERAND), f"`{text}`")


def _places(
    terms: Sequence[Subscripts], shapes: Sequence[Shape | None], names: Sequence[str | None]
) -> dict[str, tuple[Place, ...]]:
    pairs = list(zip(terms, shapes, strict=True))
    is_open = any(shape is None and ELLIPSIS in term for term, shape in pairs)
    places: dict[str, list[Place]] = {}
    for number, (term, shape) in enumerate(pairs):
        for index, axis in _axes(term, shape, _name(number, names), is_open):
            places.setdefault(index, []).append(Place(number, axis))
    return {index: tuple(found) for index, found in places.items()}


def _axes(
    term: Subscripts, shape: Shape | None, name: str | None, is_open: bool
) -> Iterator[tuple[str, Axis]]:
    """Each index of a term with its axis, the axes of its ellipsis from the right."""
    before = term.index(ELLIPSIS) if ELLIPSIS in term else len(term)
    behind = len(term) - before - 1
    for at, label in enumerate(term):
        if label == ELLIPSIS:
            continue
        place = at if at < before else at - len(term)
        if shape is not None:
            yield label, shape[place]
        else:
            yield label, Axis() if name is None else _axis_of(name, str(place))
    if ELLIPSIS not in term:
        return
    if is_open:
        hidden = f"{before or ''}:{-behind or ''}"
        yield ELLIPSIS, _axis_of(name, hidden) if shape is None and name is not None else Axis()
        return
    for distance in range(1, len(shape or ()) - before - behind + 1):
        yield f"{ELLIPSIS}[-{distance}]", (shape or ())[-behind - distance]
