"""The shapes of einops.rearrange, repeat and reduce, from their patterns."""

from collections.abc import Sequence

from einlint.algebra.einops_pattern import Group, pattern_of
from einlint.algebra.polynomials import Polynomial
from einlint.algebra.sizes import Axis, Shape
from einlint.source.signatures import CallArguments


def rearranged(call: CallArguments) -> Shape | None:
    """The tensor that a pattern makes; its sizes by name come as keywords."""
    text = call.term_of("pattern")
    pattern = pattern_of(text.detail) if text is not None and isinstance(text.detail, str) else None
    shape = call.shape
    if pattern is None or shape is None or len(shape) != len(pattern.left):
        return None  # an ellipsis stands for no axis or for many
    known = _named(call, {name for group in pattern.left for name in group})
    for name in (name for group in (*pattern.left, *pattern.right) for name in group):
        if name.isdecimal():
            known[name] = Polynomial.of(int(name))
    for group, axis in zip(pattern.left, shape, strict=True):
        _solve(group, call.polynomial(axis), known, call)
    return tuple(_axis(group, known, pattern.left, shape, call) for group in pattern.right)


def _named(call: CallArguments, left: set[str]) -> dict[str, Polynomial]:
    """The sizes passed by name; a new axis may be -1 where nothing says that it is a size."""
    found: dict[str, Polynomial] = {}
    for name, term in call.term.keywords.items():
        number = call.shapes.number(term)
        if number is not None and (name in left or call.shapes.symbols.is_length(number)):
            found[name] = number
    return found


def _solve(
    group: Group, total: Polynomial, known: dict[str, Polynomial], call: CallArguments
) -> None:
    """Name the one part of a group that is not named yet."""
    missing = [name for name in group if name not in known]
    if len(missing) != 1:
        for name in missing:
            known[name] = call.polynomial(call.unknown(name))
        return
    others = call.product([known[name] for name in group if name != missing[0]])
    symbols = call.shapes.symbols
    known[missing[0]] = total if len(group) == 1 else symbols.quotient(total, others)


def _axis(
    group: Group,
    known: dict[str, Polynomial],
    left: Sequence[Group],
    shape: Shape,
    call: CallArguments,
) -> Axis:
    if len(group) == 1 and group in left:
        return shape[left.index(group)]
    if any(name not in known for name in group):
        return call.unknown(("made", group))
    return call.axis(call.product([known[name] for name in group]))
