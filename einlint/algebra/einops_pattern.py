"""Parse einops patterns: the axes on each side, grouped by brackets."""

import re
from typing import Final, NamedTuple, TypeAlias

from einlint.algebra.equation import ELLIPSIS, Equation

Group: TypeAlias = tuple[str, ...]
"""The names that make up one axis: several for `(h d)`, none for `1` and `()`."""

# Other names, and other spaces than this one, einops rejects or warns of.
_NAMES: Final = re.compile(r" *[A-Za-z][A-Za-z0-9]*(?: +[A-Za-z][A-Za-z0-9]*)* *")
_OPERAND: Final = re.compile(r"\s*(?:[A-Za-z_]\w*|\.\.\.)(?:\s+(?:[A-Za-z_]\w*|\.\.\.))*\s*")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TOKEN: Final = re.compile(r"\s*(\.\.\.|[A-Za-z0-9_]+|[()]|\u2026)")


class Pattern(NamedTuple):
    """Both sides of `b (h d) -> b h d`; an ellipsis is a group of its own."""

    left: tuple[Group, ...]
    right: tuple[Group, ...]


def pattern_of(text: str) -> Pattern | None:
    """Parse a pattern with an arrow; None if it is not supported."""
    left, arrow, right = text.partition("->")
    sides = (_groups_of(left), _groups_of(right))
    if not arrow or sides[0] is None or sides[1] is None:
        return None
    return Pattern(sides[0], sides[1])


def permutation_of(text: str) -> tuple[int, ...] | None:
    """The order that `b n d -> b d n` brings axes into; None if a pattern does more, or nothing."""
    left, _, right = text.partition("->")
    if not (_NAMES.fullmatch(left) and _NAMES.fullmatch(right)):
        return None
    names, kept = left.split(), right.split()
    is_order = len({*names}) == len(names) and sorted(names) == sorted(kept)
    return tuple(map(names.index, kept)) if is_order and names != kept else None


def equation_of(text: str) -> Equation | None:
    """What `einops.einsum` computes by `b h i d, b h j d -> b h i j`; None if it is not known.

    Names of several letters become one letter each.
    """
    left, arrow, right = text.partition("->")
    sides = [*left.split(","), right]
    if not arrow or not all(map(_OPERAND.fullmatch, sides)):
        return None
    names = [each.split() for each in sides]
    every = dict.fromkeys(name for side in names for name in side if name != ELLIPSIS)
    free = iter([each for each in _LETTERS if each not in every])
    letters = {name: name if len(name) == 1 else next(free, "") for name in every}
    letters[ELLIPSIS] = ELLIPSIS
    if "" in letters.values() or "_" in letters.values():
        return None
    *inputs, output = (tuple(letters[name] for name in side) for side in names)
    is_plain = all(len({*side}) == len(side) for side in (*inputs, output))
    is_known = {*output} <= {label for side in inputs for label in side}
    return Equation(tuple(inputs), output) if is_plain and is_known else None


def _groups_of(text: str) -> tuple[Group, ...] | None:
    """The groups of one side; None if they are not supported."""
    groups: list[Group] = []
    inside: list[str] | None = None
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return None
        token, at = match[1], match.end()
        if token in ("(", ")"):
            if (token == "(") != (inside is None):
                return None
            if inside is not None:
                groups.append(tuple(inside))
            inside = [] if inside is None else None
            continue
        if token == "\u2026" or (token == ELLIPSIS and inside is not None):
            return None
        names = () if token == "1" else (token,)
        if inside is None:
            groups.append(names)
        else:
            inside += names
    return None if inside is not None else tuple(groups)
