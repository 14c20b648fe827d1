"""The shapes of einops.rearrange, repeat and reduce, from their patterns."""

from collections.abc import Sequence

from einlint.algebra.amounts import Amount, constant, multiplied
from einlint.algebra.einops_pattern import Group, Pattern, pattern_of
from einlint.algebra.equation import ELLIPSIS
from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.sizing import amount_of
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Given, Literal, Tensor, Thing, Value


def rearranged(given: Given, state: State, pattern_at: int = 1) -> Value | None:
    """The tensor that a pattern makes; its sizes by name come as keywords."""
    text = given.get(pattern_at, "pattern")
    pattern = pattern_of(_text(text))
    pattern = None if pattern is None else _spelled_out(pattern, given.positional[0], state)
    if pattern is None:
        return None
    shape = _source(given.positional[0], len(pattern.left), state)
    if shape is None:
        return None
    known = _named(given, {name for group in pattern.left for name in group}, state)
    for name in (name for group in (*pattern.left, *pattern.right) for name in group):
        if name.isdecimal():
            known[name] = constant(int(name))
    for group, axis in zip(pattern.left, shape, strict=True):
        _solve(group, axis, known, state)
    return Tensor(tuple(_axis(group, known, pattern.left, shape, state) for group in pattern.right))


def _spelled_out(pattern: Pattern, value: Value, state: State) -> Pattern | None:
    """The pattern with names in place of the ellipsis, where the rank tells how many."""
    if not any(ELLIPSIS in group for group in (*pattern.left, *pattern.right)):
        return pattern
    shape = state.shape(value)
    if shape is None or pattern.left.count((ELLIPSIS,)) != 1:
        return None
    names = tuple(f".{k}" for k in range(len(shape) - len(pattern.left) + 1))
    at = pattern.left.index((ELLIPSIS,))
    left = (*pattern.left[:at], *((name,) for name in names), *pattern.left[at + 1 :])
    right: list[Group] = []
    for group in pattern.right:
        right += [(name,) for name in names] if group == (ELLIPSIS,) else [group]
    return Pattern(left, tuple(right))


def _named(given: Given, left: set[str], state: State) -> dict[str, Amount]:
    """The sizes passed by name; a new axis may be -1 where nothing says that it is a size."""
    named = ((name, amount_of(value)) for name, value in given.keywords)
    return {
        name: amount
        for name, amount in named
        if amount is not None and (name in left or amount.symbols <= state.symbols.measured)
    }


def _text(value: Value | None) -> str:
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else ""


def _source(value: Value, rank: int, state: State) -> Shape | None:
    if isinstance(value, Thing):
        return state.ranked(value, rank)
    shape = state.shape(value)
    return shape if shape is not None and len(shape) == rank else None


def _solve(group: Group, axis: Axis, known: dict[str, Amount], state: State) -> None:
    """Name the one part of a group that is not named yet."""
    assert axis.size is not None
    total = state.symbols.amount(axis.size)
    missing = [name for name in group if name not in known]
    if len(missing) != 1:
        for name in missing:
            size = state.unknown().size
            assert size is not None
            known[name] = state.symbols.amount(size)
        return
    others = _product([known[name] for name in group if name != missing[0]], state)
    known[missing[0]] = total if len(group) == 1 else state.symbols.quotient(total, others)


def _axis(
    group: Group, known: dict[str, Amount], left: Sequence[Group], shape: Shape, state: State
) -> Axis:
    if len(group) == 1 and group in left:
        return shape[left.index(group)]
    if any(name not in known for name in group):
        return state.unknown()
    amount = _product([known[name] for name in group], state)
    return state.sized(amount)


def _product(amounts: Sequence[Amount], state: State) -> Amount:
    total = constant(1)
    for amount in amounts:
        total = state.symbols.bounded(multiplied(total, amount))
    return total
