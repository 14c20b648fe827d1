"""What masks compute, by cases of the tests that they stand in."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeAlias

from einlint.algebra.views import TRANSPOSE
from einlint.source.sdpa.axes import view_of
from einlint.source.sdpa.one_call.keys import Key, Keys
from einlint.source.sdpa.parts import Mask
from einlint.source.sdpa.steps import Done, Step, name_of_step
from einlint.source.sdpa.windows import Window
from einlint.source.terms import CONSTANT, OPAQUE, TUPLE, Term

# Every test doubles the cases.
_MOST_TESTS: Final = 5

Tests: TypeAlias = tuple[Key, ...]
Values: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """What masks the scores, for every way that tests may go.

    kinds: of each case, whether it has boolean masks, and whether it has masks that are added.
    values: of each case.
    """

    tests: Tests
    kinds: tuple[tuple[bool, bool], ...]
    values: tuple[frozenset[object], ...]


def cases_of(masks: Sequence[Mask], keys: Keys) -> Cases | None:
    """The masks of a chain; None if there are too many tests."""
    tests = dict.fromkeys(
        keys.of(choice.operands[0]) for each in masks for choice, _ in each.done.tests
    )
    if len(tests) > _MOST_TESTS:
        return None
    kinds: list[tuple[bool, bool]] = []
    values: list[frozenset[object]] = []
    for held in ways(tuple(tests)):
        there = [each for each in masks if _is_there(each, keys, held)]
        inside = keys.where(held)
        kept = [value for each in there for value in _kept_of(each, inside)]
        added = [value for each in there for value in _added_of(each, inside)]
        kinds.append((bool(kept), bool(added)))
        values.append(counted(*kept, *added))
    return Cases(tuple(tests), tuple(kinds), tuple(values))


def ways(tests: Tests) -> Iterator[dict[Key, bool]]:
    """All ways that tests may go."""
    for held in product((True, False), repeat=len(tests)):
        yield dict(zip(tests, held, strict=True))


def counted(*values: object) -> frozenset[object]:
    """Values without their order, and how often there is each."""
    return frozenset(Counter(values).items())


def _is_there(mask: Mask, keys: Keys, held: dict[Key, bool]) -> bool:
    return all(held[keys.of(choice.operands[0])] is holds for choice, holds in mask.done.tests)


# ---- of a chain


def _kept_of(mask: Mask, keys: Keys) -> Iterator[object]:
    if mask.keeps is None:
        return
    if mask.turn:
        for each in values_kept(mask.term, keys, keeps=mask.keeps):
            yield ("turned", mask.turn, each)
    elif mask.window is None:
        yield from values_kept(mask.term, keys, keeps=mask.keeps)
    else:
        yield ("value", _window(mask.window, mask.term, keys), mask.keeps)


def _added_of(mask: Mask, keys: Keys) -> Iterator[object]:
    if mask.keeps is not None:
        return
    if mask.is_called:
        yield called(mask.done.term, mask.done.place, keys)
        return
    steps = [(done.other, done.step is Step.SCALE) for done in mask.scales]
    factors = [
        factor
        for other, is_above in steps
        if other is not None
        for factor in factors_of(other, keys, is_above=is_above)
    ]
    is_negative = mask.is_subtracted
    if mask.turn:
        factors.append((True, ("turned", mask.turn, keys.of(mask.term))))
    elif mask.window is not None:
        factors.append((True, _window(mask.window, mask.term, keys)))
    elif mask.is_subtracted or mask.scales:
        is_turned, own = _signed(mask.term, keys)
        is_negative = is_negative is not is_turned
        factors += own
    else:
        yield from values_added(mask.term, keys)
        return
    yield ("add", is_negative, counted(*factors))


def called(term: Term, place: int, keys: Keys) -> object:
    """What a function adds to one of its arguments: by its name and all others."""
    others = tuple(keys.of(each) for at, each in enumerate(term.operands) if at != place)
    return ("called", str(term.detail), term.names, place, others)


def _window(window: Window, term: Term, keys: Keys) -> object:
    return ("window", *map(keys.of, window.sizes), keys.of(term))


# ---- of an argument


def values_kept(term: Term, keys: Keys, *, keeps: bool = True) -> Iterator[object]:
    """Booleans by what they compare, and whether they are true where attention is paid."""
    term = keys.taken(term) or term
    if term.is_constant(True) and keeps:
        return
    if term.operator == OPAQUE and term.detail == "BitAnd" and keeps:
        for each in term.operands:
            yield from values_kept(each, keys)
        return
    condition, is_turned = _plain(term)
    keeps = keeps is not is_turned
    turn = _turn_of(condition)
    if turn:
        for value in values_kept(condition.operands[0], keys, keeps=keeps):
            yield ("turned", turn, value)
        return
    if condition.operator == OPAQUE and condition.detail in ("Eq", "NotEq"):
        operands = tuple(keys.of(each) for each in condition.operands)
        yield ("equal", operands, keeps is (condition.detail == "Eq"))
    else:
        yield ("value", _leaf(condition, keys), keeps)


def _plain(term: Term) -> tuple[Term, bool]:
    """A condition without its negations, and whether their number is odd."""
    is_turned = False
    while term.operator == "bitwise_not" and term.operands:
        term, is_turned = term.operands[0], not is_turned
    return term, is_turned


def values_added(term: Term, keys: Keys) -> Iterator[object]:
    """The summands, each by its sign and its factors."""
    term = keys.taken(term) or term
    if term.operator == CONSTANT and term.detail in (0, 0.0):
        return
    if term.operator == "add" and len(term.operands) == 2:
        for each in term.operands:
            yield from values_added(each, keys)
        return
    sign, factors = _signed(term, keys)
    yield ("add", sign, counted(*factors))


def _signed(term: Term, keys: Keys) -> tuple[bool, list[object]]:
    """Whether a product is subtracted, and its factors."""
    if term.operator == "neg" and term.operands:
        is_negative, factors = _signed(term.operands[0], keys)
        return not is_negative, factors
    if term.operator in ("mul", "div") and len(term.operands) == 2:
        is_negative, factors = _signed(term.operands[0], keys)
        is_above = term.operator == "mul"
        return is_negative, [*factors, *factors_of(term.operands[1], keys, is_above=is_above)]
    return False, factors_of(term, keys, is_above=True)


def factors_of(term: Term, keys: Keys, *, is_above: bool) -> list[object]:
    """The factors of a product, and whether each stands above the line."""
    term = keys.taken(term) or term
    match term.operator, term.operands:
        case "mul", [one, other]:
            sides = (one, is_above), (other, is_above)
        case "div", [one, other]:
            sides = (one, is_above), (other, not is_above)
        case "choice", [test, one, other] if is_one(other):
            factors = counted(*factors_of(one, keys, is_above=True))
            return [("if", frozenset(asked(test, keys)), factors, is_above)]
        case _:
            if is_one(term):
                return []
            return [(is_above, _leaf(term, keys))]
    return [each for side, above in sides for each in factors_of(side, keys, is_above=above)]


def _turn_of(term: Term) -> str:
    """The view that a term is, as `Mask` has it; empty if it is none of these."""
    name, view = name_of_step(term), view_of(term)
    if view is not None and view.name == TRANSPOSE and view.axes == (-3, -2):
        return ".transpose(-3, -2)"
    if name == "movedim" and len(term.positional) == 3 and not term.names:
        moved = [_integers(each) for each in term.positional[1:]]
        return f".movedim({', '.join(moved)})" if all(moved) else ""
    return ""


def _integers(term: Term) -> str:
    if term.operator == TUPLE:
        parts = [_integers(each) for each in term.operands]
        return f"({', '.join(parts)})" if all(parts) else ""
    return "" if term.integer is None else str(term.integer)


def _leaf(term: Term, keys: Keys) -> object:
    """The key of a value; that of the mask of every window by what it is made of."""
    turn = _turn_of(term)
    if turn:
        return ("turned", turn, keys.of(term.operands[0]))
    if name_of_step(term) == "flatten" and [each.integer for each in term.operands[1:]] == [0, 1]:
        below = term.operands[0]
        is_spread = below.operator == "expand" and len(below.operands) > 4 and not below.names
        if is_spread and all(each.integer == -1 for each in below.operands[3:]):
            base, first, second = below.operands[:3]
            return ("window", keys.of(first), keys.of(second), keys.of(base))
    return keys.of(term)


# ---- tests


def is_one(term: Term) -> bool:
    """Whether it is the number 1."""
    return term.operator == CONSTANT and term.detail in (1, 1.0)


def asked_in(done: Done, keys: Keys) -> Iterator[tuple[Key, bool]]:
    """What is asked where a step is done, and whether it holds."""
    for choice, holds in done.tests:
        test = choice.operands[0]
        yield from asked(test, keys) if holds else ((keys.of(test), False),)


def asked(test: Term, keys: Keys) -> Iterator[tuple[Key, bool]]:
    """What a test asks: each part of an `and`."""
    return (asked_once(each, keys) for each in conditions_of(test))


def conditions_of(test: Term) -> Iterator[Term]:
    """The parts of an `and`."""
    if test.operator == OPAQUE and test.detail == "And":
        for each in test.operands:
            yield from conditions_of(each)
    else:
        yield test


def asked_once(test: Term, keys: Keys) -> tuple[Key, bool]:
    """A test without its `not`, and whether it holds."""
    if test.operator == OPAQUE and test.detail == "Not":
        return keys.of(test.operands[0]), False
    return keys.of(test), True
