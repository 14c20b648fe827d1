"""Steps that are done in one branch: which others they meet, and what both branches do."""

from dataclasses import replace
from typing import TypeAlias

from einlint.source.sdpa.of_scores.casts import are_equal
from einlint.source.sdpa.steps import Done
from einlint.source.terms import Term

Tests: TypeAlias = tuple[tuple[Term, bool], ...]


def are_opposed(one: Tests, other: Tests) -> bool:
    """Whether what is done where these tests hold is never done where the others do."""
    return any((choice, not holds) in other for choice, holds in one)


def is_within(one: Tests, other: Tests) -> bool:
    """Whether the others hold wherever these do."""
    return {*other} <= {*one}


def with_number(numbers: list[Done], done: Done) -> list[Done]:
    """Steps that scale, with one more; what two branches do alike is done in both."""
    for place, each in enumerate(numbers):
        if _is_other_branch(each, done):
            both = replace(each, tests=each.tests[:-1])
            return [*numbers[:place], both, *numbers[place + 1 :]]
    return [*numbers, done]


def _is_other_branch(one: Done, other: Done) -> bool:
    if one.step is not other.step or not one.tests or one.other is None or other.other is None:
        return False
    choice, holds = one.tests[-1]
    is_opposite = other.tests == (*one.tests[:-1], (choice, not holds))
    return is_opposite and are_equal(one.other, other.other)
