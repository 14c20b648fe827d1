"""The table of all small equations: what is in `fixtures/equations.tsv`, and its enumeration."""

import itertools
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from einlint.algebra.contraction import ContractionKind, contraction_of
from einlint.algebra.equation import Equation
from einlint.algebra.roles import role_of
from einlint.rewriting.assumptions import (
    BATCH_SIZES_EQUAL,
    GRANTED_BY_DEFAULT,
    PURE_OPERANDS,
    Evidence,
)
from einlint.rewriting.choose import best_plan, unmet
from einlint.rewriting.dialects.style import Style
from einlint.rewriting.dialects.text import operand_names
from einlint.rewriting.dialects.torch import spell

TABLE = Path(__file__).parent.parent / "fixtures" / "equations.tsv"
HEADER = (
    "equation\tkind\troles\tplan\tneeds\tplan if order matters\tneeds if order matters"
    "\tplan if batch sizes are equal"
)
ROLE_LETTERS = {
    "batch": "b",
    "contracted": "c",
    "free_left": "l",
    "free_right": "r",
    "summed": "s",
    "diagonal": "d",
}
"""How the column `roles` writes the role of each label, in order of appearance."""

NAMES = operand_names(2)
PURE = {PURE_OPERANDS: Evidence("the operands are names")}
EQUAL = {**PURE, BATCH_SIZES_EQUAL: Evidence("the batch axes have one size")}

MOST_LABELS = 5
HIGHEST_RANK = 4
# Repeated indices, and indices summed in one operand, are enumerated up to this rank.
HIGHEST_RANK_WITH_ALL = 3


def equations() -> Iterator[Equation]:
    """Every canonical equation of one and two operands within the bounds above."""
    for ranks in [*((r,) for r in range(HIGHEST_RANK + 1)), *_pairs()]:
        has_all = max(ranks) <= HIGHEST_RANK_WITH_ALL
        for inputs in _inputs(ranks, has_all):
            labels = sorted(set(itertools.chain(*inputs)))
            holders = Counter(label for term in inputs for label in set(term))
            for size in range(len(labels) + 1):
                for output in itertools.permutations(labels, size):
                    lonely = (label for label in labels if holders[label] == 1)
                    is_plain = len(inputs) == 1 or all(label in output for label in lonely)
                    if has_all or is_plain:
                        yield Equation(inputs, output)


def row(equation: Equation) -> str:
    """One line of the table."""
    contraction = contraction_of(equation)
    roles = "".join(ROLE_LETTERS[role_of(label, contraction.roles)] for label in equation.labels)
    pure, ordered = _plan(equation, PURE), _plan(equation, {})
    cells = [str(equation), contraction.kind.value, roles, *pure]
    cells += ordered if ordered != pure else ("", "")
    has_bmm = contraction.kind is ContractionKind.BATCHED_MATMUL
    equal = _plan(equation, EQUAL) if has_bmm else pure
    return "\t".join([*cells, "" if equal == pure else equal[0]]).rstrip("\t")


@cache
def rows() -> tuple[str, ...]:
    return tuple(row(equation) for equation in equations())


def _plan(equation: Equation, evidence: dict[str, Evidence]) -> tuple[str, str]:
    plan = best_plan(contraction_of(equation), evidence, GRANTED_BY_DEFAULT)
    if plan is None:
        return "", ""
    needs = ",".join(each.name for each in unmet(plan.assumptions, GRANTED_BY_DEFAULT))
    return spell(plan.expression, NAMES, Style(), "torch").source, needs


def _pairs() -> Iterator[tuple[int, int]]:
    yield from itertools.product(range(HIGHEST_RANK + 1), repeat=2)


def _inputs(ranks: tuple[int, ...], repeats: bool) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Label tuples of these ranks, named in order of appearance."""

    def extended(
        terms: tuple[tuple[str, ...], ...], used: int
    ) -> Iterator[tuple[tuple[str, ...], ...]]:
        if len(terms) == len(ranks):
            yield terms
            return
        for term, now_used in _terms((), ranks[len(terms)], used, repeats):
            yield from extended((*terms, term), now_used)

    yield from extended((), 0)


def _terms(
    term: tuple[str, ...], rank: int, used: int, repeats: bool
) -> Iterator[tuple[tuple[str, ...], int]]:
    if len(term) == rank:
        yield term, used
        return
    for number in range(min(used + 1, MOST_LABELS)):
        letter = "abcde"[number]
        if repeats or letter not in term:
            yield from _terms((*term, letter), rank, max(used, number + 1), repeats)
