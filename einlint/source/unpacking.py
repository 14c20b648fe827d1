"""What the targets of an unpacking stand for: `b, n, *_ = x.shape`, `q, k, v = (q, *kv)`."""

import ast
from collections.abc import Sequence

from einlint.source.expressions import State, item
from einlint.source.terms import SHAPE, STARRED, TUPLE, Term, free


def unpacked(value: Term, targets: Sequence[ast.expr], state: State) -> tuple[Term, ...]:
    """A term for each target; a shape that is unpacked tells its rank."""
    names = tuple(map(_label, targets))
    starred = [isinstance(each, ast.Starred) for each in targets]
    if not any(starred):
        return parts_of(value, names, state) or _unknown(names, state)
    if value.operator != SHAPE:
        return _unknown(names, state)
    star, count = starred.index(True), len(targets)
    # What stands behind the star is counted from the right.
    places = [place if place < star else place - count for place in range(count)]
    parts = [item(value, place, state.line) for place in places]
    parts[star] = free("", state.line)
    return tuple(parts)


def parts_of(value: Term, names: tuple[str, ...], state: State) -> tuple[Term, ...] | None:
    """What is in a value that has so many parts; None for a display of another length."""
    count = len(names)
    if value.operator == TUPLE:
        return _spread(value, names, state)
    if value.operator == SHAPE:
        state.learn_rank(value.operands[0], count, names)
    return tuple(item(value, place, state.line) for place in range(count))


def _spread(value: Term, names: tuple[str, ...], state: State) -> tuple[Term, ...] | None:
    """The parts of a display; `*x.shape` takes as many targets as the others leave."""
    stars = sum(each.operator == STARRED for each in value.operands)
    rest = len(names) - len(value.operands) + stars
    if stars > 1 or rest < 0 or (not stars and rest):
        return None
    found: list[Term] = []
    for part in value.operands:
        if part.operator == STARRED:
            found += parts_of(part.operands[0], names[len(found) :][:rest], state) or ()
        else:
            found.append(part)
    return tuple(found) if len(found) == len(names) else None


def _unknown(names: tuple[str, ...], state: State) -> tuple[Term, ...]:
    return tuple(free(name, state.line) for name in names)


def _label(target: ast.expr) -> str:
    return target.id if isinstance(target, ast.Name) and target.id != "_" else ""
