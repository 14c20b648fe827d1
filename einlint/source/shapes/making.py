"""The shapes of tensors that are made from sizes."""

from typing import Final

from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.sizing import axes_of, integer, is_scalar, tensor
from einlint.source.shapes.state import Operation, State
from einlint.source.shapes.values import (
    Given,
    Items,
    Literal,
    Number,
    Scalar,
    Splice,
    Tensor,
    Value,
)


def made(given: Given, state: State) -> Value | None:
    """Sizes as arguments or as one tuple: randn and its like."""
    if not given.positional or any(name in {"size", "out"} for name, _ in given.keywords):
        return None
    shape = axes_of(given.positional, state)
    return tensor(None if shape and any(axis.size == -1 for axis in shape) else shape)


def full(given: Given, state: State) -> Value | None:
    """A fill value behind one tuple of sizes."""
    return made(Given(given.positional[:1]), state) if len(given.positional) == 2 else None


def randint(given: Given, state: State) -> Value | None:
    """One tuple of sizes behind one bound or two."""
    match given.positional:
        case (*_, Items() as sizes) if len(given.positional) in {2, 3}:
            return made(Given((sizes,)), state)
    return None


def eye(given: Given, state: State) -> Value | None:
    """One size or two."""
    if given.get(1, "m") is not None and len(given.positional) < 2:
        return None
    shape = axes_of(given.positional[:2], state) if len(given.positional) in {1, 2} else None
    match given.positional:
        case (Number(),):
            shape = axes_of((given.positional[0],) * 2, state)
        case (_,):
            return None
    return tensor(shape)


def arange(given: Given, state: State) -> Value | None:
    """One axis, of a known size if it starts at 0."""
    is_end = given.get(1, "end", "step") is None
    match given.positional:
        case (Number(),) if is_end and (integer(given.positional[0]) or 0) >= 0:
            shape = axes_of(given.positional, state)
            return tensor(shape) or Tensor((state.unknown(),))
    return Tensor((state.unknown(),))


def linspace(given: Given, state: State) -> Value | None:
    """One axis of so many steps."""
    steps = given.get(2, "steps")
    return tensor(axes_of((steps,), state) if isinstance(steps, Number) else None)


def literal(given: Given, state: State) -> Value | None:
    """`torch.tensor` of numbers in lists, as deep and as long as these are."""
    return tensor(_nested(given.get(0, "data"), state))


def _nested(value: Value | Splice | None, state: State) -> Shape | None:
    if not isinstance(value, Items):
        is_number = isinstance(value, (Number, Scalar, Literal)) and is_scalar(value, state)
        return () if is_number else None
    inner = [_nested(each, state) for each in value.parts]
    if value.at_most or None in inner or len(set(map(_numbers, inner))) > 1:
        return None
    axis = Axis(len(inner), state.text, state.offset)
    return (axis, *(inner[0] or ())) if inner else (axis,)


def _numbers(shape: Shape | None) -> tuple[object, ...]:
    return tuple(axis.size for axis in shape or ())


def new(given: Given, state: State) -> Value | None:
    """`x.new_zeros(sizes)` and its like."""
    return made(Given(given.positional[1:], given.keywords), state)


def new_full(given: Given, state: State) -> Value | None:
    """`x.new_full(sizes, value)`."""
    return full(Given(given.positional[1:], given.keywords), state)


NEW: Final[dict[str, Operation]] = {
    **dict.fromkeys(("new_zeros", "new_ones", "new_empty"), new),
    "new_full": new_full,
}
MAKERS: Final[dict[str, Operation]] = {
    **dict.fromkeys(("randn", "rand", "zeros", "ones", "empty"), made),
    "full": full,
    "randint": randint,
    "eye": eye,
    "arange": arange,
    "linspace": linspace,
    "tensor": literal,
}
