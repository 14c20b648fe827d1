"""IndexRoles -> ContractionKind: compute what an equation is from the roles of its indices."""

from enum import StrEnum
from typing import NamedTuple

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.algebra.expression import Operand
from einlint.algebra.roles import IndexRoles, index_roles


class ContractionKind(StrEnum):
    """The named operations an equation can be; COMPLEX if it is none of them."""

    DOT = "dot"
    OUTER = "outer"
    MATVEC = "matvec"
    VECMAT = "vecmat"
    MATMUL = "matmul"
    BATCHED_MATMUL = "batched-matmul"
    BATCHED_MATVEC = "batched-matvec"
    BATCHED_DOT = "batched-dot"
    LINEAR = "linear"
    ELEMENTWISE = "elementwise"
    PERMUTATION = "permutation"
    REDUCTION = "reduction"
    DIAGONAL = "diagonal"
    COMPLEX = "complex"


class Contraction(NamedTuple):
    """An equation with the roles of its indices, the kind that follows from them, its operands."""

    equation: Equation
    roles: IndexRoles
    kind: ContractionKind
    operands: tuple[Operand, ...]


def contraction_of(equation: Equation, operands: tuple[Operand, ...] = ()) -> Contraction:
    """Classify an equation of one, two or more operands; without theirs they have no own views."""
    roles = index_roles(equation)
    named = tuple(Operand(place, labels) for place, labels in enumerate(equation.inputs))
    return Contraction(equation, roles, _kind(equation, roles), operands or named)


def _kind(equation: Equation, roles: IndexRoles) -> ContractionKind:
    if len(equation.inputs) == 1:
        return _kind_of_one_operand(roles)
    if roles.diagonal or roles.summed:
        return ContractionKind.COMPLEX
    if not roles.contracted:
        both_free = roles.free_left and roles.free_right
        return ContractionKind.OUTER if both_free else ContractionKind.ELEMENTWISE
    if len(equation.inputs) > 2 or ELLIPSIS in roles.contracted:
        return ContractionKind.COMPLEX
    return _kind_of_product(roles)


def _kind_of_one_operand(roles: IndexRoles) -> ContractionKind:
    if roles.diagonal:
        return ContractionKind.DIAGONAL
    return ContractionKind.REDUCTION if roles.summed else ContractionKind.PERMUTATION


def _kind_of_product(roles: IndexRoles) -> ContractionKind:
    """Two operands that share at least one contracted index; no index is summed or repeated."""
    left, right = _axes(roles.free_left), _axes(roles.free_right)
    if left == right == 0:
        return ContractionKind.BATCHED_DOT if roles.batch else ContractionKind.DOT
    if len(roles.contracted) > 1:
        return ContractionKind.COMPLEX
    return _kind_of_batched(left, right) if roles.batch else _kind_of_plain(left, right)


def _kind_of_plain(left: int, right: int) -> ContractionKind:
    if right == 0:
        return ContractionKind.MATVEC
    if left == 0:
        return ContractionKind.VECMAT
    if left == right == 1:
        return ContractionKind.MATMUL
    return ContractionKind.LINEAR if 1 in (left, right) else ContractionKind.COMPLEX


def _kind_of_batched(left: int, right: int) -> ContractionKind:
    if left == right == 1:
        return ContractionKind.BATCHED_MATMUL
    return ContractionKind.BATCHED_MATVEC if left + right == 1 else ContractionKind.COMPLEX


def _axes(labels: Subscripts) -> int:
    """The number of axes of the labels; an ellipsis counts as two, which means several."""
    return sum(2 if label == ELLIPSIS else 1 for label in labels)
