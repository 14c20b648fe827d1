"""Equation -> IndexRoles: the role of every index."""

from collections import Counter
from typing import Final, NamedTuple

from einlint.algebra.equation import Equation, Subscripts

ROLE_TEXTS: Final = {
    "batch": ("batch", "in several operands, kept"),
    "contracted": ("contracted", "in several operands, summed over"),
    "free_left": ("free left", "in the first operand only, kept"),
    "free_right": ("free right", "in a later operand only, kept"),
    "summed": ("summed", "in one operand only, summed over"),
    "diagonal": ("diagonal", "repeated within an operand"),
}
"""Role -> its name, and what it means."""


class IndexRoles(NamedTuple):
    """Every label of an equation in exactly one role, in order of appearance.

    batch: in two operands or more and in the output.
    contracted: in two operands or more and not in the output.
    free_left: in the first operand only, and in the output.
    free_right: in one later operand only, and in the output.
    summed: in one operand only, and not in the output.
    diagonal: repeated within one operand, whether or not it is in the output.
    """

    batch: Subscripts = ()
    contracted: Subscripts = ()
    free_left: Subscripts = ()
    free_right: Subscripts = ()
    summed: Subscripts = ()
    diagonal: Subscripts = ()

    def as_text(self) -> dict[str, str]:
        """Role -> its labels as one string, for every role in order of declaration."""
        return {role: "".join(labels) for role, labels in self._asdict().items()}


def index_roles(equation: Equation) -> IndexRoles:
    """Sort the labels of an equation by role."""
    by_role: dict[str, list[str]] = {role: [] for role in IndexRoles._fields}
    for label in equation.labels:
        by_role[_role(label, equation)].append(label)
    return IndexRoles(**{role: tuple(labels) for role, labels in by_role.items()})


def role_of(label: str, roles: IndexRoles) -> str:
    """The name of the role that `label` has in `roles`.

    Raises:
        KeyError: the label is not one of the equation's.
    """
    for role, labels in roles._asdict().items():
        if label in labels:
            return role
    raise KeyError(label)


def _role(label: str, equation: Equation) -> str:
    if any(Counter(term)[label] > 1 for term in equation.inputs):
        return "diagonal"
    holders = [position for position, term in enumerate(equation.inputs) if label in term]
    kept = label in equation.output
    if len(holders) > 1:
        return "batch" if kept else "contracted"
    if not kept:
        return "summed"
    return "free_left" if holders == [0] else "free_right"
