"""Sizes as they are read from values, and values as they are made from sizes."""

from collections.abc import Callable
from math import gcd

from einlint.algebra.amounts import Amount, constant, multiplied
from einlint.algebra.shapes import position
from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.state import Change, Origin, State
from einlint.source.shapes.values import (
    Items,
    Literal,
    Number,
    Scalar,
    ShapeOf,
    ShapePart,
    Splice,
    Tensor,
    Thing,
    Value,
)


def amount_of(value: Value | Splice | None) -> Amount | None:
    """The integer that a value is, if it is one."""
    if isinstance(value, Number):
        return value.amount
    if isinstance(value, Thing) and not value.is_tensor:
        return Amount((((value.symbol,), 1),))
    return None


def integer(value: Value | Splice | None) -> int | None:
    """A literal integer."""
    amount = amount_of(value)
    return None if amount is None else amount.constant


def axes_of(values: tuple[Value, ...], state: State) -> Shape | None:
    """Sizes passed as arguments, or as one tuple."""
    match values:
        case (Items(parts=parts),):
            return sizes(parts, state)
        case (Number(amount=amount),) if not amount.symbols & state.symbols.doubtful:
            return sizes(values, state)
        case (Thing() as thing,) if not {thing.symbol} & state.symbols.doubtful:
            return sizes(values, state)
        case (_,):
            return None  # it may be a whole tuple of sizes, or a dtype
    return sizes(values, state)


def sizes(parts: tuple[Value | Splice, ...], state: State) -> Shape | None:
    """A tuple of sizes as axes."""
    axes: list[Axis] = []
    for part in parts:
        amount = amount_of(part)
        if amount is None:
            return None
        number = amount.constant
        if number is not None and number < -1:
            return None
        axes.append(state.sized(amount))
    return tuple(axes)


def is_scalar(value: Value, state: State) -> bool:
    """Whether it is a Python number, and so no tensor, which could broadcast."""
    match value:
        case Number(amount=amount):
            return not amount.symbols & state.symbols.doubtful
        case Scalar(symbols=symbols):
            return not symbols & state.symbols.doubtful
        case Literal(value=bool()):
            return True
    return False


def shape_value(value: Value, state: State) -> Value | None:
    """`x.shape`."""
    shape = state.shape(value)
    if shape is not None:
        return Items(tuple(number_of(axis, state) for axis in shape))
    return ShapeOf(value) if isinstance(value, Thing) else None


def axis_value(value: Value, place: int, state: State) -> Value | None:
    """`x.shape[place]`."""
    shape = state.shape(value)
    if shape is not None:
        fits = position(place, len(shape)) is not None
        return number_of(shape[place], state) if fits else None
    axis = state.axis(value, place) if isinstance(value, Thing) else None
    return None if axis is None else number_of(axis, state)


def number_of(axis: Axis, state: State) -> Number:
    """The size as a value."""
    assert axis.size is not None
    return Number(state.symbols.amount(axis.size))


def is_tensor(thing: Thing, state: State) -> bool:
    """Whether it is a tensor, or has shown a shape."""
    return thing.is_tensor or thing.shape_identity in state.shapes


def tensor(shape: Shape | None) -> Tensor | None:
    """The tensor of a shape."""
    return None if shape is None else Tensor(shape)


def total(shape: Shape, state: State) -> Amount:
    """The number of elements."""
    total = constant(1)
    for axis in shape:
        assert axis.size is not None
        total = state.symbols.bounded(multiplied(total, state.symbols.amount(axis.size)))
    return total


def sure(axis: Axis, state: State) -> Axis:
    """The axis, or an unknown one where a name may stand for -1."""
    assert axis.size is not None
    amount = state.symbols.amount(axis.size)
    if gcd(*(factor for _, factor in amount.terms)) > 1:
        return axis
    is_sure = amount.symbols <= state.symbols.measured
    is_positive = all(factor > 0 for _, factor in amount.terms)
    return axis if is_sure and is_positive else state.unknown()


def solved(target: Shape, source: Shape | None, state: State) -> Shape | None:
    """The sizes that elements are given anew; one -1 is what the others leave of the source."""
    wild = [place for place, axis in enumerate(target) if axis.size == -1]
    if len(wild) > 1:
        return None
    if not wild:
        return tuple(sure(axis, state) for axis in target)
    rest = target[: wild[0]] + target[wild[0] + 1 :]
    others = total(rest, state)
    found = state.unknown()
    if source is not None and others.constant != 0:
        quotient = state.symbols.quotient(total(source, state), others)
        found = state.sized(quotient)
    return (*target[: wild[0]], found, *target[wild[0] + 1 :])


def lifted(value: Value | None, change: Change, state: State, extra: int = 0) -> Value | None:
    """The tensor whose shape `change` makes of another's, now or once that one's rank is known.

    extra: by how many axes the result has more.
    """
    shape = state.shape(value)
    if shape is not None:
        return tensor(change(shape))
    if not isinstance(value, Thing):
        return None
    thing = state.thing(is_tensor=True)
    state.origins[thing.shape_identity] = Origin(value, change, extra)
    return thing


def resized(
    value: Value | None, place: int, change: Callable[[Axis], Axis], state: State
) -> Value | None:
    """The tensor with one axis changed."""

    def changed(shape: Shape) -> Shape | None:
        at = position(place, len(shape))
        return None if at is None else (*shape[:at], change(shape[at]), *shape[at + 1 :])

    return lifted(value, changed, state)


def with_axis(value: Value | None, place: int, axis: Axis, state: State) -> Value | None:
    """The tensor with one axis replaced."""
    result = resized(value, place, lambda _: axis, state)
    if isinstance(result, Thing):
        state.learn(result, place, axis)
    return result


def without_axis(value: Value | None, place: int, state: State) -> Value | None:
    """The tensor with one axis less."""

    def change(shape: Shape) -> Shape | None:
        at = position(place, len(shape))
        return None if at is None else shape[:at] + shape[at + 1 :]

    return lifted(value, change, state, -1)


def with_last(value: Value | None, axis: Axis, state: State) -> Value | None:
    """The tensor with one axis more, behind all others."""
    return lifted(value, lambda shape: (*shape, axis), state, 1)


def part_values(part: ShapePart, state: State) -> list[Value]:
    """The integers in a part of a shape; what an axis does not have, is nothing known."""
    places = range(part.stop or 0) if part.start is None else range(part.start, 0)
    found = [axis_value(part.thing, place, state) for place in places]
    return [state.thing() if each is None else each for each in found]
