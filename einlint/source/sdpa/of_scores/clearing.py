"""What a mask fills in, and weights that are set to 0 where the mask had made them 0 already.

A row that is masked as a whole is 0 behind that: the call makes it 0, too.
"""

from collections.abc import Iterable
from typing import Final

from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.steps import Done, Step, name_of_step
from einlint.source.sdpa.values import is_none_without, is_there, value_of
from einlint.source.terms import CHOICE, CONSTANT, OPAQUE, Term

_DEEPEST: Final = 8
_ASKING: Final = frozenset({"Is", "IsNot", "Eq", "NotEq", "Not", "Lt", "Gt", "LtE", "GtE"})
_SAME: Final = frozenset({"bool", "unsqueeze", "to", "logical_not", "bitwise_not"})


def filling(done: Done) -> tuple[int, Term, bool] | None:
    """The place of the mask, what is filled in, and whether the mask is true where nothing is."""
    term, is_method = done.term, done.term.is_method or done.step is Step.FILL
    if len(term.operands) != 3:
        return None
    if done.step is Step.FILL:
        return 1, term.operands[2], False
    condition = 1 if is_method else 0
    (other,) = (place for place in range(3) if place not in (condition, done.place))
    return condition, term.operands[other], done.place == (0 if is_method else 1)


def is_clearing(done: Done, masks: Iterable[tuple[Done, int, bool]], matched: Matched) -> bool:
    """Whether weights are set to 0 where one of these masks had made them 0.

    masks: boolean ones: the step, the place of the mask, and whether it keeps what is true.
    """
    moved = (*matched.scores.steps, *matched.weights.steps)
    if any(each.step in (Step.VIEW, Step.RESHAPE) for each in moved):
        return False
    if name_of_step(done.term) == "nan_to_num":
        value = done.term.keywords.get("nan")
        values = [*done.term.positional[1:2], *([] if value is None else [value])]
        return any(masks) and all(value_of(each) == 0 for each in values)
    found = filling(done)
    if found is None or not _is_zero(found[1]):
        return False
    return any(_is_where(done, found, *each) for each in masks)


def _is_zero(value: Term) -> bool:
    return value_of(value) == 0 or name_of_step(value) == "zeros_like"


def _is_where(
    done: Done, found: tuple[int, Term, bool], mask: Done, place: int, keeps: bool
) -> bool:
    """Whether it clears only what a mask has filled, and only where the mask is."""
    if any(not any(_holds_too(test, each) for each in done.tests) for test in mask.tests):
        return False
    own, is_own_turned = _plain(_taken(done.term.operands[found[0]], done))
    its, is_turned = _plain(_taken(mask.term.operands[place], mask))
    return (found[2] is is_own_turned) is (keeps is is_turned) and _is_same(own, its)


def _holds_too(test: tuple[Term, bool], other: tuple[Term, bool]) -> bool:
    return test[1] is other[1] and _is_same_test(test[0].operands[0], other[0].operands[0])


def _is_same_test(one: Term, other: Term) -> bool:
    return _is_same(asked_before(one) or one, asked_before(other) or other)


def asked_before(test: Term) -> Term | None:
    """The test whether a mask is None that a later one asks again, where the mask has changed."""
    if test.operator == OPAQUE and test.detail == "IsNot":
        choice = test.operands[0]
        if choice.operator == CHOICE and test.operands[1].is_constant(None):
            inner, made, other = choice.operands
            return inner if is_none_without(inner, other) and is_there(inner, made) else None
    return None


def _taken(term: Term, done: Done) -> Term:
    """The side of a choice that a value is where a step is done."""
    for choice, holds in done.tests:
        if term.operator == CHOICE and _is_same_test(term.operands[0], choice.operands[0]):
            term = term.operands[1 if holds else 2]
    return term


def _plain(term: Term) -> tuple[Term, bool]:
    """A condition without its negations, and whether their number is odd."""
    is_turned = False
    while term.operator == "bitwise_not" and term.operands:
        term, is_turned = term.operands[0], not is_turned
    return term, is_turned


def _is_same(one: Term, other: Term, depth: int = 0) -> bool:
    """Whether two values are one, or are asked or made of one in the same way."""
    if one is other:
        return True
    if one.operator != other.operator or depth > _DEEPEST or one.names or other.names:
        return False
    if one.operator == CONSTANT:
        return type(one.detail) is type(other.detail) and one.detail == other.detail
    is_known = one.operator in _SAME or (one.operator == OPAQUE and one.detail in _ASKING)
    if not is_known or one.detail != other.detail or len(one.operands) != len(other.operands):
        return False
    pairs = zip(one.operands, other.operands, strict=True)
    return all(_is_same(a, b, depth + 1) for a, b in pairs)
