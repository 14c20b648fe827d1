"""The sizes of a case: those that are given, else what the code shows, else those of a preset.

Numbers in the code are kept. Sizes that the code calls by one name are one size. What is left
comes from a preset, and is halved until the tensors are small enough.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.algebra.roles import IndexRoles, index_roles, role_of
from einlint.algebra.sizes import Size, Symbol
from einlint.verify.case import Origin, Shapes, Sizes, SizeSource
from einlint.verify.shown_sizes import Shown

_Axes: TypeAlias = dict[str, list[Size | None]]
"""Index -> its axes in all operands; the axes of an ellipsis are indices of their own."""


@dataclass(frozen=True, slots=True)
class Preset:
    """The size of an index by its role; without sizes by role it is for attention only.

    most_elements: of one tensor. most_products: of one contraction.
    attention: sizes by letter: b and h for batch and heads, n and m for queries and keys, d and e
        for the features of keys and values.
    """

    name: str
    batch: int = 0
    free: int = 0
    contracted: int = 0
    most_elements: int = 2**24
    most_products: int = 2**31
    attention: Sizes = ()

    @property
    def has_roles(self) -> bool:
        """Whether it has sizes by role."""
        return self.batch > 0

    def allows(self, elements: int, products: int) -> bool:
        """Whether the largest tensor and the largest contraction are small enough."""
        return elements <= self.most_elements and products <= self.most_products


@dataclass(frozen=True, slots=True)
class SizedCase:
    """The sizes of a case.

    shapes: those of the operands; None if the sizes give them.
    largest: the elements of the largest operand, or of a result. products: of one contraction.
    """

    sizes: Sizes
    shapes: Shapes | None
    origin: Origin
    largest: int
    products: int

    @property
    def key(self) -> tuple[Sizes, Shapes | None]:
        """Equal for cases that would be measured twice."""
        return self.sizes, self.shapes


def sized_case(
    equation: Equation,
    shown: Shown,
    given: Mapping[str, int],
    preset: Preset,
    steps: Sequence[Equation] = (),
) -> SizedCase:
    """The case of given sizes, else those that the code shows, else those of a preset.

    An axis that the code shows to be 1 stays 1 beside a larger one: it broadcasts.

    Args:
        equation: the axes of all operands.
        shown: what the code shows of them.
        given: sizes by index.
        preset: gives the other sizes.
        steps: the contractions of an attention; empty if the equation is all that is computed.
    """
    terms = _spelled_out(equation, shown, given)
    shapes = [
        shape if shape is not None and len(shape) == len(term) else (None,) * len(term)
        for term, shape in zip(terms, _shapes(equation, shown), strict=True)
    ]
    axes: _Axes = {}
    for term, shape in zip(terms, shapes, strict=True):
        for index, size in zip(term, shape, strict=True):
            axes.setdefault(index, []).append(size)
    chosen = _Chosen(equation, index_roles(equation), axes, given, preset, steps)
    sizes, sources = chosen.sizes(terms)
    full = tuple(tuple(sizes[index] for index in term) for term in terms)
    operands = tuple(
        tuple(
            1 if size == 1 and chosen.broadcasts(index) else sizes[index]
            for index, size in zip(term, shape, strict=True)
        )
        for term, shape in zip(terms, shapes, strict=True)
    )
    is_plain = operands == full and list(map(len, terms)) == list(map(len, equation.inputs))
    indices = {label: _indices(label, axes) for label in equation.labels}
    made = tuple((label, prod(sizes[each] for each in own)) for label, own in indices.items())
    origins = tuple(_source(sources[each] for each in own) for own in indices.values())
    name = preset.name if SizeSource.PRESET in origins else None
    results = (prod(sizes[index] for index in term) for term in chosen.results())
    return SizedCase(
        made,
        None if is_plain else operands,
        Origin(origins, name),
        largest=max(*results, *map(prod, operands)),
        products=chosen.products(sizes),
    )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Chooses the size of every index."""

    equation: Equation
    roles: IndexRoles
    axes: _Axes
    given: Mapping[str, int]
    preset: Preset
    steps: Sequence[Equation]

    def results(self) -> list[Subscripts]:
        """The axes of all that is computed."""
        return [_output(each, self.axes) for each in self.steps or (self.equation,)]

    def products(self, sizes: Mapping[str, int]) -> int:
        """How many products the largest contraction has."""
        terms = [each.labels for each in self.steps] or [tuple(self.axes)]
        return max(prod(sizes[index] for index in term) for term in terms)

    def broadcasts(self, index: str) -> bool:
        """Whether an axis of size 1 stands beside a larger one.

        It does where the code shows both. Else only batch axes may: `@` rejects the others.
        """
        sizes = set(self.axes[index])
        is_shown = any(isinstance(size, int) and size != 1 for size in sizes)
        return sizes != {1} and (is_shown or self._role(index) == "batch")

    def sizes(self, terms: Sequence[Subscripts]) -> tuple[dict[str, int], dict[str, SizeSource]]:
        """The size of every index, and where it comes from."""
        sizes: dict[str, int] = {}
        sources: dict[str, SizeSource] = {}
        free: list[list[str]] = []
        for group in self._groups():
            given = {index: self._given(index) for index in group}
            shown = {index: self._number(index) for index in group}
            number, source = _first(shown), SizeSource.CODE
            if number is None:
                number, source = _first(given), SizeSource.OPTION
            if number is None:
                number, source = self._by_role(group[0]), SizeSource.PRESET
                free.append(group)
            for index in group:
                own = given[index] if given[index] is not None else shown[index]
                sizes[index] = number if own is None else own
                sources[index] = source if given[index] is None else SizeSource.OPTION
        self._shrink(sizes, free, [*terms, *self.results()])
        return sizes, sources

    def _shrink(
        self, sizes: dict[str, int], free: Sequence[Sequence[str]], terms: Sequence[Subscripts]
    ) -> None:
        """Halve the sizes of the groups that are free, largest first, until all is small enough."""
        while not self.preset.allows(
            max(prod(sizes[index] for index in term) for term in terms), self.products(sizes)
        ):
            shrinking = [group for group in free if sizes[group[0]] > 1]
            if not shrinking:
                break
            largest = max(shrinking, key=lambda group: sizes[group[0]])
            half = sizes[largest[0]] // 2
            sizes.update(dict.fromkeys(largest, half))

    def _groups(self) -> list[list[str]]:
        """The indices whose sizes the code calls by one name, together."""
        found: dict[str, list[str]] = {index: [index] for index in self.axes}
        owners: dict[Symbol, str] = {}
        for index, sizes in self.axes.items():
            for size in sizes:
                if isinstance(size, Symbol):
                    one, other = found[owners.setdefault(size, index)], found[index]
                    if one is not other:
                        one += other
                        found.update(dict.fromkeys(other, one))
        return list({id(group): group for group in found.values()}.values())

    def _number(self, index: str) -> int | None:
        """The number that the code shows; 1 only if no other axis may be larger."""
        numbers = [size for size in self.axes[index] if isinstance(size, int)]
        larger = next((number for number in numbers if number != 1), None)
        if larger is not None or not numbers:
            return larger
        return None if self.broadcasts(index) else 1

    def _given(self, index: str) -> int | None:
        return self.given.get(ELLIPSIS if index.startswith(ELLIPSIS) else index)

    def _role(self, index: str) -> str:
        return role_of(ELLIPSIS if index.startswith(ELLIPSIS) else index, self.roles)

    def _by_role(self, index: str) -> int:
        if self.steps:
            return dict(self.preset.attention).get(index, 1)
        role = self._role(index)
        if role == "batch" or index.startswith(ELLIPSIS):
            return self.preset.batch
        return self.preset.contracted if role in ("contracted", "summed") else self.preset.free


def _first(sizes: Mapping[str, int | None]) -> int | None:
    return next((size for size in sizes.values() if size is not None), None)


def _spelled_out(
    equation: Equation, shown: Shown, given: Mapping[str, int]
) -> tuple[Subscripts, ...]:
    """The terms with the axes of their ellipses as indices, numbered from the right.

    An ellipsis of unknown rank has as many axes as the longest one; one axis if all are unknown,
    or if its size is given.
    """
    known = [
        None if shape is None else len(shape) - len(term) + 1
        for term, shape in zip(equation.inputs, _shapes(equation, shown), strict=True)
    ]
    widths = [
        width
        for term, width in zip(equation.inputs, known, strict=True)
        if width is not None and ELLIPSIS in term
    ]
    is_given = ELLIPSIS in given
    longest = 1 if is_given else max(widths, default=1)
    return tuple(
        tuple(_spelled(term, longest if width is None or is_given else width))
        for term, width in zip(equation.inputs, known, strict=True)
    )


def _shapes(equation: Equation, shown: Shown) -> Shown:
    return shown or (None,) * len(equation.inputs)


def _spelled(term: Subscripts, width: int) -> Iterator[str]:
    for label in term:
        if label == ELLIPSIS:
            yield from (f"{ELLIPSIS}{place}" for place in range(-width, 0))
        else:
            yield label


def _indices(label: str, axes: _Axes) -> list[str]:
    """The indices that a label stands for."""
    if label != ELLIPSIS:
        return [label]
    return [index for index in axes if index.startswith(ELLIPSIS)]


def _output(equation: Equation, axes: _Axes) -> Subscripts:
    return tuple(index for label in equation.output for index in _indices(label, axes))


def _source(sources: Iterable[SizeSource]) -> SizeSource:
    """The source of a product: what is assumed of one axis is assumed of all."""
    found = set(sources)
    ranked = (SizeSource.PRESET, SizeSource.OPTION)
    return next((each for each in ranked if each in found), SizeSource.CODE)
