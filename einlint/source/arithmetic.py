"""Integers that are computed from integers."""

from collections.abc import Sequence
from typing import Final

from einlint.algebra.polynomials import Polynomial, Symbols
from einlint.source.terms import Term

_INTEGERS: Final = frozenset({"add", "sub", "mul", "floor_divide", "neg"})
# The operators that make numbers of numbers.
NUMBERS: Final = _INTEGERS | {"div", "pow", "augmented"}


def arithmetic(
    term: Term, operands: Sequence[Polynomial | None], symbols: Symbols
) -> Polynomial | None:
    """What a term is if its operands are integers; None where it is no integer."""
    operator = str(term.detail) if term.operator == "augmented" else term.operator
    known = [each for each in operands if each is not None]
    if operator not in _INTEGERS or term.names or not known or len(known) < len(operands):
        return None
    left, right = known[0], known[-1]
    result = _computed(operator, left, right, symbols)
    if result is None:
        return None
    used, unsure = left.symbols | right.symbols, symbols.maybe_not_int
    # `x - x` is 0 for numbers only: of tensors it is one more tensor.
    is_kept = used & unsure <= result.symbols or bool((result.symbols - used) & unsure)
    return result if is_kept else None


def _computed(
    operator: str, left: Polynomial, right: Polynomial, symbols: Symbols
) -> Polynomial | None:
    match operator:
        case "add":
            return symbols.bounded(left + right)
        case "sub":
            return symbols.bounded(left - right)
        case "mul":
            return symbols.bounded(left * right)
        case "neg":
            return -left
    return symbols.quotient(left, right) if right.constant != 0 else None
