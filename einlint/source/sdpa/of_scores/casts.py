"""Casts to float32 in front of the scores, and branches of which only one casts.

Two branches that compute the same scores, one of them of query and key that are cast, are one: the
call takes both as they are, for its softmax is taken in float32 anyway.
"""

from collections.abc import Sequence
from typing import Final

from einlint.source.sdpa.axes import VIEWS, view_of
from einlint.source.sdpa.steps import Chain, Done, Step, name_of_step, tested
from einlint.source.terms import ATTRIBUTE, CHOICE, CONSTANT, FREE, PATH, PRODUCT, SIZE, Term

SINGLE: Final = frozenset({"torch.float32", "torch.float"})
_DEEPEST: Final = 8
_MOST_VIEWS: Final = 6
# What has one value for equal operands, and depends on nothing else.
_PURE: Final = frozenset(
    {
        "mul",
        "div",
        "pow",
        "neg",
        "add",
        "sub",
        "sqrt",
        "math",
        "contiguous",
        ATTRIBUTE,
        SIZE,
        *VIEWS,
    }
)


def uncast(term: Term) -> Term | None:
    """What is cast to float32; None if nothing is."""
    name = name_of_step(term)
    is_cast = (name == "float" and len(term.operands) == 1) or (
        name == "to" and len(term.operands) == 2 and str(term.operands[1].detail) in SINGLE
    )
    return term.operands[0] if is_cast else None


def is_single(term: Term) -> bool:
    """Whether a value is cast to float32, below its views, or is so in one branch."""
    for _ in range(_MOST_VIEWS):
        sides = term.operands[1:] if term.operator == CHOICE else (term,)
        if any(uncast(each) is not None for each in sides):
            return True
        if view_of(term) is None:
            break
        term = term.operands[0]
    return False


def without_cast(term: Term, choice: Term) -> Term:
    """What a name stands for if the branch that casts it is taken out."""
    if term.operator == CHOICE and term.operands[0] is choice.operands[0]:
        _, one, other = term.operands
        for cast, plain in ((one, other), (other, one)):
            if uncast(cast) is plain:
                return plain
    return term


def joined(choice: Term, one: Chain, other: Chain) -> Chain | None:
    """The way through both branches, as that of the one that casts nothing; None if they differ.

    What only one of them does behind the scores is done where its test holds.
    """
    for place, plain, cast in ((1, one, other), (2, other, one)):
        if plain.instead is not None or cast.instead is not None:
            continue
        if not _are_alike(cast.base, plain.base, may_cast=True):
            continue
        has_cast = not _are_alike(cast.base, plain.base, may_cast=False)
        steps = [each for each in cast.steps if not has_cast or uncast(each.term) is None]
        count = _shared(plain.steps, steps)
        if has_cast and not len(plain.steps) == len(steps) == count:
            continue
        first = [Done(Step.CAST, choice, place)] if has_cast else [Done(Step.SAME, choice, place)]
        rest = [tested(each, choice, holds=place == 1) for each in plain.steps[count:]]
        rest += [tested(each, choice, holds=place == 2) for each in steps[count:]]
        passed = (*plain.branches, *cast.branches, *cast.terms)
        return Chain(plain.base, (*first, *plain.steps[:count], *rest), passed)
    return None


def _shared(one: Sequence[Done], other: Sequence[Done]) -> int:
    """How many steps in front are the same."""
    count = 0
    for mine, its in zip(one, other, strict=False):
        if not _are_same_steps(mine, its):
            break
        count += 1
    return count


def _are_alike(cast: Term, plain: Term, *, may_cast: bool) -> bool:
    """Whether they are the same product, maybe but for casts."""
    if cast.operator != PRODUCT or plain.operator != PRODUCT or cast.detail != plain.detail:
        return False
    pairs = zip(cast.operands, plain.operands, strict=True)
    return all(are_equal(*pair, may_cast=may_cast) for pair in pairs)


def _are_same_steps(one: Done, other: Done) -> bool:
    if (one.step, one.place, one.tests) != (other.step, other.place, other.tests):
        return False
    if one.other is not None and other.other is not None:
        return name_of_step(one.term) == name_of_step(other.term) and are_equal(
            one.other, other.other
        )
    return one.step is Step.VIEW and _are_equal_but_first(one.term, other.term)


def _are_equal_but_first(one: Term, other: Term) -> bool:
    pairs = [*zip(one.operands[1:], other.operands[1:], strict=False)]
    is_alike = _is_head_alike(one, other) and len(one.operands) == len(other.operands)
    return is_alike and all(are_equal(*pair) for pair in pairs)


def _is_head_alike(one: Term, other: Term) -> bool:
    return (one.operator, one.detail, one.names) == (other.operator, other.detail, other.names)


def are_equal(one: Term, other: Term, depth: int = 0, *, may_cast: bool = False) -> bool:
    """Whether two values are computed alike; may_cast: the first one with casts to float32."""
    if one is other:
        return True
    below = uncast(one) if may_cast else None
    if below is not None and are_equal(below, other, depth, may_cast=True):
        return True
    if depth > _DEEPEST or not _is_head_alike(one, other):
        return False
    if one.operator == CONSTANT:
        return type(one.detail) is type(other.detail)
    if one.operator in (PATH, FREE):
        return one.operator == PATH
    if one.operator not in _PURE or len(one.operands) != len(other.operands):
        return False
    pairs = zip(one.operands, other.operands, strict=True)
    return all(are_equal(*pair, depth + 1, may_cast=may_cast) for pair in pairs)
