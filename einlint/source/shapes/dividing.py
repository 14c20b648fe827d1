"""The parts of a tensor: chunk, split and unbind."""

from einlint.algebra.amounts import constant, divided
from einlint.algebra.shapes import position
from einlint.algebra.sizes import Axis
from einlint.source.shapes.sizing import (
    amount_of,
    integer,
    is_tensor,
    resized,
    sizes,
    with_axis,
    without_axis,
)
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Given, Items, Number, Splice, Thing, Value

_MOST = 100


def chunk(given: Given, state: State) -> Value | None:
    """Into so many parts at most; all are alike where the number divides the size."""
    value, count = given.get(0, "input"), integer(given.get(1, "chunks"))
    place = integer(given.get(2, "dim") or Number(constant(0)))
    if count is None or not 0 < count < _MOST or place is None or value is None:
        return None
    axis = _axis(value, place, state)
    part = None if axis is None else _part(axis, count, state)
    if part is not None:
        return _items([with_axis(value, place, part, state) for _ in range(count)])
    return _items([_later(value, place, count, state) for _ in range(count)], at_most=True)


def _axis(value: Value, place: int, state: State) -> Axis | None:
    """The axis, where something is known of it."""
    shape = state.shape(value)
    if shape is not None:
        return shape[place] if position(place, len(shape)) is not None else None
    if isinstance(value, Thing) and is_tensor(value, state):
        known = state.shapes.get(value.shape_identity)
        return None if known is None else dict(known.axes).get(place)
    return None


def _part(axis: Axis, count: int, state: State) -> Axis | None:
    assert axis.size is not None
    total = state.symbols.amount(axis.size)
    if any(factor % count for _, factor in total.terms):
        return None
    return state.sized(state.symbols.quotient(total, constant(count)))


def _later(value: Value, place: int, count: int, state: State) -> Value | None:
    """One part of a thing whose rank will show whether the parts are alike."""
    return resized(value, place, lambda axis: _part(axis, count, state) or state.unknown(), state)


def split(given: Given, state: State) -> Value | None:
    """Into parts of the sizes of a list, or of one size that divides the axis for sure."""
    value, wanted = given.get(0, "tensor"), given.get(1, "split_size_or_sections", "split_size")
    place = integer(given.get(2, "dim") or Number(constant(0)))
    if value is None or place is None:
        return None
    if isinstance(wanted, Items):
        axes = None if wanted.at_most else sizes(wanted.parts, state)
        return (
            None
            if axes is None
            else _items([with_axis(value, place, axis, state) for axis in axes])
        )
    axis, size = _axis(value, place, state), amount_of(wanted)
    if axis is None or axis.size is None or size is None or size.constant == 0:
        return None
    times = divided(state.symbols.amount(axis.size), size)
    count = None if times is None else times.constant
    if count is None or not 0 < count < _MOST:
        return None
    part = state.sized(size)
    return _items([with_axis(value, place, part, state) for _ in range(count)])


def unbind(given: Given, state: State) -> Value | None:
    """Along an axis whose size is a number."""
    shape = state.shape(given.get(0, "input"))
    place = integer(given.get(1, "dim") or Number(constant(0)))
    at = None if shape is None or place is None else position(place, len(shape))
    if shape is None or at is None:
        return None
    count = shape[at].size
    if not isinstance(count, int) or not 0 < count < _MOST:
        return None
    return _items([without_axis(given.get(0, "input"), at, state)] * count)


def _items(parts: list[Value | None], *, at_most: bool = False) -> Items | None:
    known: list[Value | Splice] = [part for part in parts if part is not None]
    return Items(tuple(known), at_most=at_most) if len(known) == len(parts) else None
