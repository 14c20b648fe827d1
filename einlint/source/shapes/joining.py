"""torch.cat and torch.stack of tensors whose ranks are known."""

from collections.abc import Sequence

from einlint.algebra.amounts import added, constant
from einlint.algebra.shapes import position
from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.sizing import integer
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Given, Items, Number, Splice, Tensor, Value


def cat(given: Given, state: State) -> Value | None:
    """One axis is the sum; a vector without elements fits beside any shape, so vectors are not."""
    shapes, place = _read(given, state)
    if not shapes or place is None or len(shapes[0]) < 2:
        return None
    at = position(place, len(shapes[0]))
    if at is None or len({len(shape) for shape in shapes}) != 1:
        return None
    total = constant(0)
    for shape in shapes:
        size = shape[at].size
        assert size is not None
        total = state.symbols.bounded(added(total, state.symbols.amount(size)))
    axes = [_number_first([shape[k] for shape in shapes]) for k in range(len(shapes[0]))]
    axes[at] = state.sized(total)
    return Tensor(tuple(axes))


def stack(given: Given, state: State) -> Value | None:
    """A new axis, as long as the list; the others are equal in all."""
    shapes, place = _read(given, state)
    if not shapes or place is None or len({len(shape) for shape in shapes}) != 1:
        return None
    at = position(place, len(shapes[0]) + 1)
    if at is None:
        return None
    axes = [_number_first([shape[k] for shape in shapes]) for k in range(len(shapes[0]))]
    axes.insert(at, Axis(len(shapes), state.text, state.offset))
    return Tensor(tuple(axes))


def _read(given: Given, state: State) -> tuple[list[Shape], int | None]:
    """The shapes of the tensors in the list, none if one is unknown; and the axis."""
    tensors = given.get(0, "tensors")
    place = integer(given.get(1, "dim") or Number(constant(0)))
    if not isinstance(tensors, Items) or tensors.at_most:
        return [], place
    shapes = [None if isinstance(each, Splice) else state.shape(each) for each in tensors.parts]
    known = [shape for shape in shapes if shape is not None]
    return (known if len(known) == len(shapes) else []), place


def _number_first(axes: Sequence[Axis]) -> Axis:
    """Of axes that are equal the one whose size is a number, if there is one."""
    return next((axis for axis in axes if isinstance(axis.size, int)), axes[0])
