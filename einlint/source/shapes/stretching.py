"""Tensors with longer axes, or with more of them: expand, repeat, unflatten, pad."""

from einlint.algebra.amounts import added, multiplied
from einlint.algebra.shapes import position
from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.sizing import (
    amount_of,
    axes_of,
    integer,
    is_scalar,
    lifted,
    resized,
    sizes,
    solved,
    sure,
)
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Given, Items, Number, Splice, Tensor, Value


def expand(given: Given, state: State) -> Value | None:
    """To the sizes that are given; -1 keeps an axis, counted from the right."""
    target = _sizes(given, state)
    if target is None:
        return None
    shape = state.shape(given.positional[0])
    kept = [None] * len(target) if shape is None else [None, *shape]
    axes: list[Axis] = []
    for place in range(-len(target), 0):
        own = kept[place] if -len(kept) <= place else None
        axis = target[place]
        axes.append((own or state.unknown()) if axis.size == -1 else sure(axis, state))
    return Tensor(tuple(axes))


def repeat(given: Given, state: State) -> Value | None:
    """Each axis times its number; the numbers in front make new axes."""
    target = _sizes(given, state)
    if target is None:
        return None
    shape = state.shape(given.positional[0])
    if shape is None:
        return Tensor(tuple(state.unknown() for _ in target))
    if len(shape) > len(target):
        return None
    new = len(target) - len(shape)
    behind = [_times(axis, by, state) for axis, by in zip(shape, target[new:], strict=True)]
    return Tensor((*target[:new], *behind))


def repeat_interleave(given: Given, state: State) -> Value | None:
    """One axis times a number; times a tensor of numbers it has any size."""
    times, place = given.get(1, "repeats"), integer(given.get(2, "dim"))
    if times is None or place is None:
        return None
    amount = amount_of(times) if is_scalar(times, state) else None

    def longer(axis: Axis) -> Axis:
        if amount is None:
            return state.unknown()
        return _times(axis, Axis(state.symbols.size(amount)), state)

    return resized(given.get(0, "input"), place, longer, state)


def unflatten(given: Given, state: State) -> Value | None:
    """One axis made several; one -1 is what the others leave."""
    place, wanted = integer(given.get(1, "dim")), given.get(2, "sizes")
    parts = sizes(wanted.parts, state) if isinstance(wanted, Items) else None
    if place is None or not parts or (isinstance(wanted, Items) and wanted.at_most):
        return None

    def change(shape: Shape) -> Shape | None:
        at = position(place, len(shape))
        inner = None if at is None else solved(parts, (shape[at],), state)
        return None if inner is None or at is None else (*shape[:at], *inner, *shape[at + 1 :])

    return lifted(given.get(0, "input"), change, state, len(parts) - 1)


def pad(given: Given, state: State) -> Value | None:
    """Pairs of what is added before and behind, the last axis first."""
    wanted = given.get(1, "pad")
    if not isinstance(wanted, Items) or wanted.at_most or len(wanted.parts) % 2:
        return None
    pairs = list(zip(wanted.parts[::2], wanted.parts[1::2], strict=True))

    def change(shape: Shape) -> Shape | None:
        if len(pairs) > len(shape):
            return None
        axes = list(shape)
        for place, pair in enumerate(pairs, 1):
            axes[-place] = _padded(axes[-place], pair, state)
        return tuple(axes)

    return lifted(given.get(0, "input"), change, state)


def _padded(axis: Axis, pair: tuple[Value | Splice, Value | Splice], state: State) -> Axis:
    assert axis.size is not None
    total = state.symbols.amount(axis.size)
    for value in pair:
        if not isinstance(value, Number):
            return state.unknown()
        total = state.symbols.bounded(added(total, value.amount))
    return state.sized(total)


def _sizes(given: Given, state: State) -> Shape | None:
    return axes_of(given.positional[1:], state) if not given.keywords else None


def _times(axis: Axis, by: Axis, state: State) -> Axis:
    if by.size == 1:
        return axis
    assert axis.size is not None
    assert by.size is not None
    total = multiplied(state.symbols.amount(axis.size), state.symbols.amount(by.size))
    return state.sized(state.symbols.bounded(total))
