"""The shapes of tensors that are taken apart or put together: chunk, split, unbind, cat, stack."""

from typing import Final

from einlint.algebra.polynomials import Polynomial
from einlint.algebra.shapes import position
from einlint.algebra.sizes import Axis, Shape
from einlint.source.signatures import CallArguments, Parts
from einlint.source.terms import TUPLE

_MOST_PARTS: Final = 100


def chunk(call: CallArguments) -> Parts | None:
    """Into so many parts at most; all are alike where the number divides the size."""
    count, dim, shape = call.integer("chunks"), call.integer("dim", 0), call.shape
    place = None if shape is None or dim is None else position(dim, len(shape))
    if count is None or not 0 < count < _MOST_PARTS or shape is None or place is None:
        return None
    total = call.polynomial(shape[place])
    if any(factor % count for _, factor in total.terms):
        parts = (with_axis(shape, place, call.unknown(each)) for each in range(count))
        return Parts(tuple(parts), at_most=True)
    part = call.axis(call.shapes.symbols.quotient(total, Polynomial.of(count)))
    return Parts((with_axis(shape, place, part),) * count)


def split(call: CallArguments) -> Parts | None:
    """Into parts of the sizes of a list, or of one size that divides the axis for sure."""
    wanted, dim, shape = call.term_of("split_size_or_sections"), call.integer("dim", 0), call.shape
    place = None if shape is None or dim is None else position(dim, len(shape))
    if wanted is None or shape is None or place is None:
        return None
    if wanted.operator == TUPLE:
        axes = call.sizes_in(wanted.operands)
        return (
            None if axes is None else Parts(tuple(with_axis(shape, place, each) for each in axes))
        )
    size = call.shapes.number(wanted)
    if size is None or size.constant == 0:
        return None
    times = call.polynomial(shape[place]) // size
    count = None if times is None else times.constant
    if count is None or not 0 < count < _MOST_PARTS:
        return None
    return Parts((with_axis(shape, place, call.axis(size)),) * count)


def unbind(call: CallArguments) -> Parts | None:
    """Along an axis whose size is a number."""
    dim, shape = call.integer("dim", 0), call.shape
    place = None if shape is None or dim is None else position(dim, len(shape))
    count = None if shape is None or place is None else shape[place].size
    if shape is None or place is None or not isinstance(count, int):
        return None
    return Parts((shape[:place] + shape[place + 1 :],) * count) if 0 < count < _MOST_PARTS else None


def cat(call: CallArguments) -> Shape | None:
    """One axis is the sum; a vector without elements fits beside any shape, so vectors are not."""
    shapes, dim = _listed(call), call.integer("dim", 0)
    place = None if not shapes or dim is None else position(dim, len(shapes[0]))
    if place is None or len(shapes[0]) < 2:
        return None
    sizes = [call.polynomial(shape[place]) for shape in shapes]
    total = sizes[0]
    for size in sizes[1:]:
        total = call.shapes.symbols.bounded(total + size)
    axes = [_number_first(column) for column in zip(*shapes, strict=True)]
    return with_axis(tuple(axes), place, call.axis(total))


def stack(call: CallArguments) -> Shape | None:
    """A new axis, as long as the list; the others are equal in all."""
    shapes, dim = _listed(call), call.integer("dim", 0)
    place = None if not shapes or dim is None else position(dim, len(shapes[0]) + 1)
    if place is None:
        return None
    axes = [_number_first(column) for column in zip(*shapes, strict=True)]
    return (*axes[:place], call.axis(len(shapes)), *axes[place:])


def _listed(call: CallArguments) -> list[Shape]:
    """The shapes of the tensors in a list; none where one is unknown or their ranks differ."""
    tensors = call.term_of("tensors")
    if tensors is None or tensors.operator != TUPLE:
        return []
    shapes = [call.shapes.of(each) for each in tensors.operands]
    known = [shape for shape in shapes if shape is not None]
    return known if len(known) == len(shapes) and len(set(map(len, known))) == 1 else []


def _number_first(axes: tuple[Axis, ...]) -> Axis:
    """Of axes that are equal the one whose size is a number, if there is one."""
    return next((axis for axis in axes if isinstance(axis.size, int)), axes[0])


def with_axis(shape: Shape, place: int, axis: Axis) -> Shape:
    """The shape with one axis replaced."""
    return (*shape[:place], axis, *shape[place + 1 :])
