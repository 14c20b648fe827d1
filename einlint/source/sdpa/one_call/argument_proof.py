"""The one argument that masks a call, by the cases of what it stands for.

It may be built step by step, of zeros as large as the scores: what masked these masks them.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.one_call.keys import Key, Keys
from einlint.source.sdpa.one_call.mask_proof import (
    Cases,
    called,
    counted,
    values_added,
    values_kept,
    ways,
)
from einlint.source.sdpa.one_call.zeros import sizes_of_zeros
from einlint.source.sdpa.parts import Parts
from einlint.source.sdpa.steps import name_of_step
from einlint.source.sdpa.values import is_low, value_of
from einlint.source.terms import CALL, CHOICE, OPAQUE, Term, constant

# What they are made by, and their sizes.
Zeros: TypeAlias = tuple[Key, ...]
_ZEROS: Final = "new_zeros"
_MOST_CHOICES: Final = 20
_MOST_STEPS: Final = 60


def zeros_of(matched: Matched, parts: Parts, keys: Keys) -> Zeros | None:
    """The zeros that a mask may be built of; None if the lengths of the scores are not known."""
    sizes = sizes_of_zeros(matched, parts, keys.read)
    if sizes is None or not matched.is_upright:
        return None
    return keys.of(sizes[0].operands[0]), *map(keys.of, sizes)


def argument_cases(
    term: Term | None, expected: Cases, zeros: Zeros | None, keys: Keys
) -> Cases | None:
    """What an argument masks in the same cases; None where it is not understood."""
    values: list[frozenset[object]] = []
    for held, kinds in zip(ways(expected.tests), expected.kinds, strict=True):
        inside = keys.where(held)
        left = None if term is None else _left(term, inside)
        if left is None:
            found: list[object] | None = []
        elif _is_built(left, inside):
            found = _built(left, zeros, inside)
        else:
            found = _written(left, *kinds, inside)
        if found is None:
            return None
        values.append(counted(*found))
    return Cases(expected.tests, expected.kinds, tuple(values))


def _left(term: Term, keys: Keys) -> Term | None:
    """What an argument is where tests hold or do not; None if it is None there."""
    for _ in range(_MOST_CHOICES):
        taken = keys.taken(term)
        if taken is None:
            break
        term = taken
    return None if term.is_constant(None) or _is_none(term, keys) else term


def _is_none(term: Term, keys: Keys) -> bool:
    """Whether a test that it is not None does not hold."""
    nothing = constant(None)
    for name, holds in (("IsNot", False), ("Is", True)):
        asked = keys.of(Term(OPAQUE, (term, nothing), detail=name))
        if keys.assumed.get(asked) is holds:
            return True
    return False


def _written(term: Term, has_kept: bool, has_added: bool, keys: Keys) -> list[object] | None:
    """The values of one expression."""
    if has_kept and has_added:
        if str(term.detail) != "torch.where" or len(term.positional) != 3:
            return None
        condition, bias, low = term.operands
        if value_of(low) != float("-inf"):
            return None
        return [*values_kept(condition, keys), *values_added(bias, keys)]
    if has_kept:
        return [*values_kept(term, keys)]
    return [*values_added(term, keys)] if has_added else None


# ---- built step by step


def _steps(term: Term) -> Iterator[tuple[int, Term]]:
    """The places of the operands that a mask may have been before a step, with these."""
    match name_of_step(term), len(term.positional):
        case "masked_fill", 3:
            places: tuple[int, ...] = (0,)
        case "where", 3:
            places = (1, 2)
        case "add", 2:
            places = (0, 1)
        case "sub", 2:
            places = (0,)
        case _ if term.operator == CALL and not term.is_method:
            places = tuple(range(len(term.positional)))
        case _:
            places = ()
    yield from ((each, term.operands[each]) for each in places)


def _is_built(term: Term, keys: Keys) -> bool:
    """Whether it is made of zeros by steps that mask."""
    pending, seen = [term], set[Term]()
    while pending and len(seen) < _MOST_STEPS:
        each = pending.pop()
        each = _taken(each, keys)
        if each in seen:
            continue
        if each.operator == _ZEROS:
            return True
        seen.add(each)
        pending += [operand for _, operand in _steps(each)]
    return False


def _taken(term: Term, keys: Keys) -> Term:
    for _ in range(_MOST_CHOICES):
        taken = keys.taken(term) if term.operator == CHOICE else None
        if taken is None:
            break
        term = taken
    return term


def _built(term: Term, zeros: Zeros | None, keys: Keys) -> list[object] | None:
    """The values of all its steps; None if it is made of other zeros, or in another way."""
    found: list[object] = []
    for _ in range(_MOST_STEPS):
        term = _taken(term, keys)
        if term.operator == _ZEROS:
            made = None if term.names else tuple(map(keys.of, term.operands))
            return found if made is not None and made == zeros else None
        way = next(((at, each) for at, each in _steps(term) if _is_built(each, keys)), None)
        if way is None:
            return None
        place, below = way
        others = [each for at, each in enumerate(term.operands) if at != place]
        values = _of_step(term, place, others, keys)
        if values is None:
            return None
        found += values
        term = below
    return None


def _of_step(term: Term, place: int, others: list[Term], keys: Keys) -> list[object] | None:
    match name_of_step(term), others:
        case "masked_fill", [mask, low] if is_low(low):
            return [*values_kept(mask, keys, keeps=False)]
        case "where", [mask, low] if is_low(low) and not term.is_method:
            return [*values_kept(mask, keys, keeps=place == 1)]
        case "add", [bias]:
            return [*values_added(bias, keys)]
        case _ if term.operator == CALL and str(term.detail) != "torch.where":
            return [called(term, place, keys)]
        case "sub", [bias]:
            return [*values_added(Term("neg", (bias,), line=bias.line), keys)]
    return None
