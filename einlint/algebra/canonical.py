"""Rename indices in order of appearance: equations that differ only in letters become equal."""

from typing import Final

from einlint.algebra.equation import ELLIPSIS, LOWER_CASE, Equation, Subscripts

_CANONICAL_LETTERS: Final = LOWER_CASE + LOWER_CASE.upper()


def canonical(equation: Equation) -> Equation:
    """The equation with its indices renamed to a, b, c, ... in order of appearance."""
    letters = iter(_CANONICAL_LETTERS)
    names = {label: label if label == ELLIPSIS else next(letters) for label in equation.labels}

    def renamed(term: Subscripts) -> Subscripts:
        return tuple(names[label] for label in term)

    return Equation(tuple(map(renamed, equation.inputs)), renamed(equation.output))
