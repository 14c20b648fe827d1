"""The shapes of tensors that are made from sizes."""

from typing import Final

from einlint.source.shapes.sizing import axes_of, integer, tensor
from einlint.source.shapes.state import Operation, State
from einlint.source.shapes.values import (
    Given,
    Items,
    Number,
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


MAKERS: Final[dict[str, Operation]] = {
    **dict.fromkeys(("randn", "rand", "zeros", "ones", "empty"), made),
    "full": full,
    "randint": randint,
    "eye": eye,
    "arange": arange,
}
