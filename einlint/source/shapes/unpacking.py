"""What the targets of an unpacking stand for: `b, n, *_ = x.shape`, `q, k, v = qkv`."""

from collections.abc import Sequence

from einlint.source.shapes.sizing import axis_value, part_values, shape_value
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Items, ShapeOf, ShapePart, Splice, Tensor, Value


def unpacked(
    value: Value, names: Sequence[str], starred: Sequence[bool], state: State
) -> Sequence[Value | None]:
    """A value for each target, None where nothing is known.

    Args:
        value: what is unpacked.
        names: the names of the targets; empty for what is no name.
        starred: whether each is starred.
        state: learns the rank of a thing whose shape is unpacked.
    """
    none: list[Value | None] = [None] * len(names)
    if not any(starred):
        return _parts(value, names, state) or none
    return _around_star(value, starred, state) if isinstance(value, ShapeOf) else none


def _around_star(value: ShapeOf, starred: Sequence[bool], state: State) -> list[Value | None]:
    """The axes in front of the star, counted from the left, and behind it, from the right."""
    star, count = starred.index(True), len(starred)
    places = [place if place < star else place - count for place in range(count)]
    return [
        None if is_star else axis_value(value.thing, place, state)
        for place, is_star in zip(places, starred, strict=True)
    ]


def _parts(value: Value, names: Sequence[str], state: State) -> Sequence[Value | None] | None:
    count = len(names)
    match value:
        case ShapeOf(thing=thing):
            shape = state.ranked(thing, count, names)
            return None if shape is None else _sizes(Tensor(shape), state)
        case ShapePart(thing=thing, start=start):
            places = range(-count, 0) if start is not None else range(count)
            is_whole = count == (-start if start is not None else value.stop)
            return [axis_value(thing, k, state) for k in places] if is_whole else None
        case Tensor(shape=(_, *rest)):
            return [Tensor(tuple(rest))] * count
        case Items(parts=parts):
            spliced = _spliced(parts, names, state)
            return spliced if len(spliced) == count else None
    return None


def _sizes(value: Value, state: State) -> list[Value | None]:
    known = shape_value(value, state)
    assert isinstance(known, Items)
    return [None if isinstance(part, Splice) else part for part in known.parts]


def _spliced(
    parts: Sequence[Value | Splice], names: Sequence[str], state: State
) -> list[Value | None]:
    """The values in a display; `*x.shape` takes as many targets as the others leave.

    Those of `*x.shape[:2]` are two if all targets are taken.
    """
    splices = [part for part in parts if isinstance(part, Splice)]
    rank = len(names) - len(parts) + len(splices)
    found: list[Value | None] = []
    for part in parts:
        if not isinstance(part, Splice):
            found.append(part)
            continue
        if part.part is not None and all(each.part is not None for each in splices):
            found += part_values(part.part, state)
            continue
        labels = names[len(found) : len(found) + rank]
        is_one = len(splices) == 1 and rank >= 0
        shape = state.ranked(part.thing, rank, labels) if is_one else None
        if shape is None:
            return [None] * len(names)
        found += _sizes(Tensor(shape), state)
    return found
