"""Compute the shapes of torch results, as far as the sizes of the operands are known.

`unknown` creates an axis of unknown size. None means that torch would raise, or that the rank is
unknown.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.algebra.sizes import Axis, Shape

Unknown: TypeAlias = Callable[[], Axis]


def position(axis: int, rank: int) -> int | None:
    """The axis counted from the left; None where there is no such axis."""
    return axis % rank if -rank <= axis < rank else None


def meet(axes: Sequence[Axis], unknown: Unknown) -> Axis:
    """The result of broadcasting axes against each other.

    If one is a number other than 1, the result is that number. Two different names give an unknown
    size, because either may be 1.
    """
    for axis in axes:
        if isinstance(axis.size, int) and axis.size != 1:
            return axis
    others = [axis for axis in axes if axis.size != 1]
    if not others:
        return axes[0]
    return others[0] if len({axis.size for axis in others}) == 1 else unknown()


def broadcast(shapes: Sequence[Shape], unknown: Unknown) -> Shape:
    """Shapes broadcast against each other from the right."""
    rank = max(map(len, shapes))
    columns = [[shape[-k] for shape in shapes if k <= len(shape)] for k in range(rank, 0, -1)]
    return tuple(meet(column, unknown) for column in columns)


def product(left: Shape, right: Shape, unknown: Unknown) -> Shape | None:
    """torch.matmul, vectors included."""
    if not left or not right:
        return None
    rows = left[-2:-1]
    columns = right[-1:] if len(right) > 1 else ()
    if len(left) == 1 or len(right) == 1:
        return (*left[:-2], *right[:-2], *rows, *columns)
    return (*broadcast((left[:-2], right[:-2]), unknown), *rows, *columns)


def permuted(shape: Shape, axes: Sequence[int]) -> Shape | None:
    """The axes in the order of their numbers."""
    places = [position(axis, len(shape)) for axis in axes]
    known = [place for place in places if place is not None]
    if sorted(known) != list(range(len(shape))):
        return None
    return tuple(shape[place] for place in known)


def swapped(shape: Shape, one: int, other: int) -> Shape | None:
    """Two axes exchanged."""
    first, second = position(one, len(shape)), position(other, len(shape))
    if first is None or second is None:
        return None
    axes = list(shape)
    axes[first], axes[second] = axes[second], axes[first]
    return tuple(axes)


def contracted(
    equation: Equation, operands: Sequence[Shape | None], unknown: Unknown
) -> Shape | None:
    """The output of an einsum; an operand may be unknown if the equation has no ellipsis."""
    found: dict[str, list[Axis]] = {}
    ellipses: list[Shape] = []
    for term, shape in zip(equation.inputs, operands, strict=True):
        dots = term.count(ELLIPSIS)
        if shape is None:
            if dots:
                return None
            shape = tuple(unknown() for _ in term)
        if len(shape) < len(term) - dots or (not dots and len(shape) != len(term)):
            return None
        ellipses += _divide(term, shape, found)
    output: list[Axis] = []
    for label in equation.output:
        if label == ELLIPSIS:
            output += broadcast(ellipses, unknown) if ellipses else ()
        else:
            output.append(meet(found[label], unknown))
    return tuple(output)


def _divide(term: Subscripts, shape: Shape, found: dict[str, list[Axis]]) -> list[Shape]:
    """Record the axis of every label in `found`; return the axes of the ellipsis, if any."""
    labels = list(term)
    ellipses: list[Shape] = []
    if ELLIPSIS in labels:
        start = labels.index(ELLIPSIS)
        stop = len(shape) - (len(labels) - start - 1)
        ellipses.append(shape[start:stop])
        labels.remove(ELLIPSIS)
        shape = shape[:start] + shape[stop:]
    for label, axis in zip(labels, shape, strict=True):
        found.setdefault(label, []).append(axis)
    return ellipses
