"""Some of a tensor's elements: narrow, select, gather, sort, topk, max and min."""

from einlint.algebra.amounts import constant
from einlint.source.shapes.operations import elementwise, same
from einlint.source.shapes.sizing import amount_of, integer, is_scalar, with_axis, without_axis
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Given, Items, Number, Tensor, Value


def narrow(given: Given, state: State) -> Value | None:
    """One axis, so long as is asked for."""
    return _cut(given.get(0, "input"), given.get(1, "dim"), given.get(3, "length"), state)


def select(given: Given, state: State) -> Value | None:
    """One axis less."""
    place = integer(given.get(1, "dim"))
    return None if place is None else without_axis(given.get(0, "input"), place, state)


def index_select(given: Given, state: State) -> Value | None:
    """One axis, as long as the vector of indices."""
    place, index = integer(given.get(1, "dim")), state.shape(given.get(2, "index"))
    if place is None:
        return None
    axis = index[0] if index is not None and len(index) == 1 else state.unknown()
    return with_axis(given.get(0, "input"), place, axis, state)


def gather(given: Given, state: State) -> Value | None:
    """The shape of the indices."""
    index = given.get(2, "index")
    return None if index is None else same(Given((index,)), state)


def topk(given: Given, state: State) -> Value | None:
    """Values and places, so many along one axis."""
    place = given.get(2, "dim") or Number(constant(-1))
    part = _cut(given.get(0, "input"), place, given.get(1, "k"), state)
    return None if part is None else Items((part, part))


def sort(given: Given, state: State) -> Value | None:
    """Values and places."""
    part = same(given, state)
    return None if part is None else Items((part, part))


def extremum(given: Given, state: State) -> Value | None:
    """Of all elements, of one axis (values and places), or of two tensors."""
    dim = given.get(1, "dim")
    if dim is None:
        return Tensor(()) if not given.keywords else None
    place = integer(dim)
    if place is None:
        return elementwise(given, state) if state.shape(dim) is not None else None
    part = None if given.get(2, "keepdim") else without_axis(given.get(0, "input"), place, state)
    return None if part is None else Items((part, part))


def _cut(
    value: Value | None, dim: Value | None, length: Value | None, state: State
) -> Value | None:
    place = integer(dim)
    if place is None or length is None:
        return None
    amount = amount_of(length) if is_scalar(length, state) else None
    if amount is None:
        return with_axis(value, place, state.unknown(), state)
    axis = state.sized(amount)
    return with_axis(value, place, axis, state)


SELECTING = {
    **dict.fromkeys(("max", "min"), extremum),
    "narrow": narrow,
    "select": select,
    "index_select": index_select,
    "gather": gather,
    "topk": topk,
    "sort": sort,
}
