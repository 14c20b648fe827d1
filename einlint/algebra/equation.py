"""Parse the text of a torch.einsum equation; what torch rejects is an error with its column.

The grammar of torch.einsum: the letters a-z and A-Z are case-sensitive indices; `...` stands for
any number of axes, at most once in a term; spaces are ignored. Without an arrow the output is the
ellipsis, followed by the indices that occur once, in ASCII order (capitals first). Source: the
documentation of torch.einsum, checked against torch 2.13 in `tests/algebra/test_equation.py`.
"""

from collections import Counter
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

ELLIPSIS: Final = "..."
ARROW: Final = "->"
LOWER_CASE: Final = "abcdefghijklmnopqrstuvwxyz"

Subscripts: TypeAlias = tuple[str, ...]
"""The labels of one term, axis by axis: single letters and at most one ELLIPSIS."""


class Fault(Enum):
    """The part of an equation that torch rejects."""

    SYNTAX = "syntax"
    OUTPUT = "output"


class EquationError(ValueError):
    """torch.einsum rejects this equation; `column` is 0-based inside the equation's text."""

    def __init__(self, fault: Fault, column: int, reason: str) -> None:
        super().__init__(f"{reason} (column {column + 1} of the equation)")
        self.fault = fault
        self.column = column
        self.reason = reason


class Equation(NamedTuple):
    """A valid equation: the labels of every operand and of the output."""

    inputs: tuple[Subscripts, ...]
    output: Subscripts
    implicit: bool = False

    @property
    def labels(self) -> Subscripts:
        """Every label once, in order of appearance."""
        return tuple(dict.fromkeys(label for term in self.inputs for label in term))

    def __str__(self) -> str:
        terms = ",".join("".join(term) for term in self.inputs)
        return f"{terms}{ARROW}{''.join(self.output)}"


def parse(text: str) -> Equation:
    """Parse an equation as torch.einsum does.

    Raises:
        EquationError: torch would reject the text whatever its operands are.
    """
    left, arrow, _ = text.partition(ARROW)
    inputs = _parse_inputs(text, len(left))
    if not arrow:
        return Equation(inputs, _implicit_output(inputs), implicit=True)
    located = _parse_term(text, len(left) + len(ARROW), len(text), "the output")
    _check_output(located, inputs)
    output = tuple(label for label, _ in located)
    if not any(ELLIPSIS in term for term in inputs):
        output = tuple(label for label in output if label != ELLIPSIS)
    return Equation(inputs, output)


def _parse_inputs(text: str, end: int) -> tuple[Subscripts, ...]:
    """The terms in text[:end]."""
    terms: list[Subscripts] = []
    start = 0
    for number, term in enumerate(text[:end].split(","), start=1):
        located = _parse_term(text, start, start + len(term), f"operand {number}")
        terms.append(tuple(label for label, _ in located))
        start += len(term) + 1
    return tuple(terms)


def _parse_term(text: str, start: int, end: int, where: str) -> list[tuple[str, int]]:
    """The labels in text[start:end], which is one term, each with its column."""
    located: list[tuple[str, int]] = []
    column = start
    while column < end:
        character = text[column]
        if character == ".":
            if any(label == ELLIPSIS for label, _ in located):
                raise EquationError(Fault.SYNTAX, column, f"a second ellipsis in {where}")
            if not text.startswith(ELLIPSIS, column, end):
                reason = f"`.` in {where} is not part of an ellipsis `...`"
                raise EquationError(Fault.SYNTAX, column, reason)
            located.append((ELLIPSIS, column))
            column += len(ELLIPSIS)
            continue
        if character.isascii() and character.isalpha():
            located.append((character, column))
        elif character != " ":
            raise EquationError(Fault.SYNTAX, column, _no_index(text, column, where))
        column += 1
    return located


def _no_index(text: str, column: int, where: str) -> str:
    """Why the character at a column is no index, and what it was meant to be if that is clear."""
    # Only needed for equations that are wrong.
    from einlint.algebra.lookalikes import alike, arrow_like, identity

    arrow, character = arrow_like(text, column), text[column]
    if arrow is not None:
        is_second = arrow.startswith(ARROW)
        return (
            f"a second arrow `{ARROW}`" if is_second else f"`{arrow}` is no arrow: write `{ARROW}`"
        )
    shown = f"`{character}`" if character.isprintable() else f"{character!r}"
    if not character.isascii():
        shown = (
            f"{shown} ({identity(character)})" if character.isprintable() else identity(character)
        )
        likeness = alike(character)
        if likeness is not None:
            return f"{shown} in {where} {likeness}"
    return f"{shown} in {where} is not an index: only a-z, A-Z, `{ELLIPSIS}` and spaces are"


def _check_output(located: list[tuple[str, int]], inputs: tuple[Subscripts, ...]) -> None:
    known = {label for term in inputs for label in term} | {ELLIPSIS}
    seen: set[str] = set()
    for label, column in located:
        if label not in known:
            reason = f"output index `{label}` does not occur in any operand"
            raise EquationError(Fault.OUTPUT, column, reason)
        if label in seen:
            reason = f"output index `{label}` occurs more than once in the output"
            raise EquationError(Fault.OUTPUT, column, reason)
        seen.add(label)


def _implicit_output(inputs: tuple[Subscripts, ...]) -> Subscripts:
    counts = Counter(label for term in inputs for label in term)
    ellipsis = (ELLIPSIS,) if ELLIPSIS in counts else ()
    once = sorted(label for label, count in counts.items() if count == 1 and label != ELLIPSIS)
    return (*ellipsis, *once)
