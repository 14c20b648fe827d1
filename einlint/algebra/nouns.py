"""Contraction -> what people call it: the noun of messages, finer than the kind."""

from collections import Counter
from typing import Final

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.equation import ELLIPSIS, Subscripts

_FIXED: Final[dict[ContractionKind, str]] = {
    ContractionKind.MATMUL: "a matrix product",
    ContractionKind.BATCHED_MATMUL: "a batched matrix product",
    ContractionKind.LINEAR: "a product of an N-D operand with a matrix",
    ContractionKind.COMPLEX: "a complex contraction",
}


def noun(contraction: Contraction) -> str:
    """The noun with its article, for sentences such as "`ii->` is a trace"."""
    match contraction.kind:
        case ContractionKind.PERMUTATION:
            return _permutation(contraction)
        case ContractionKind.REDUCTION:
            return _sum(contraction)
        case ContractionKind.DIAGONAL:
            return _diagonal(contraction)
        case ContractionKind.ELEMENTWISE:
            return _elementwise(contraction)
        case ContractionKind.OUTER:
            return "a batched outer product" if contraction.roles.batch else "an outer product"
        case ContractionKind.DOT:
            return _dot(contraction)
        case ContractionKind.BATCHED_DOT:
            return _batched_dot(contraction)
        case ContractionKind.MATVEC | ContractionKind.VECMAT | ContractionKind.BATCHED_MATVEC:
            return _with_vector(contraction)
    return _FIXED[contraction.kind]


def _permutation(contraction: Contraction) -> str:
    (term,), output = contraction.equation.inputs, contraction.equation.output
    moved = [label for label, other in zip(term, output, strict=True) if label != other]
    if not moved:
        return "the operand itself"
    if len(moved) > 2 or ELLIPSIS in moved:
        return "a permutation of axes"
    return "a transposition" if len(term) == 2 else "a transposition of two axes"


def _sum(contraction: Contraction) -> str:
    (term,), output, summed = _parts(contraction)
    if not output:
        return "a sum" if term != (ELLIPSIS,) and len(term) == 1 else "a sum of all elements"
    is_one = len(summed) == 1 and summed != (ELLIPSIS,)
    kept = tuple(label for label in term if label in output)
    axes = "an axis" if is_one else "axes"
    return f"a {'' if kept == output else 'permuted '}sum over {axes}"


def _diagonal(contraction: Contraction) -> str:
    (term,), output, summed = _parts(contraction)
    repeated = [label for label, count in Counter(term).items() if count > 1]
    is_kept = all(label in output for label in repeated)
    is_matrix = len(repeated) == 1 and Counter(term)[repeated[0]] == 2
    is_batched = any(label not in repeated for label in output)
    name = "diagonal" if is_kept else "trace" if is_matrix else "sum of a diagonal"
    tail = ", summed over other axes" if summed else ""
    return f"a {'batched ' if is_batched else ''}{name}{tail}"


def _parts(contraction: Contraction) -> tuple[tuple[Subscripts, ...], Subscripts, Subscripts]:
    equation = contraction.equation
    return equation.inputs, equation.output, contraction.roles.summed


def _elementwise(contraction: Contraction) -> str:
    terms = contraction.equation.inputs
    if () in terms:
        return "a product with a scalar" if any(terms) else "a product of scalars"
    is_alike = len({frozenset(term) for term in terms}) == 1
    return "an elementwise product" if is_alike else "an elementwise product with broadcasting"


def _dot(contraction: Contraction) -> str:
    left, right = contraction.equation.inputs
    if len(left) == 1:
        return "a dot product"
    if left == right:
        return f"an inner product of two {'matrices' if len(left) == 2 else 'tensors'}"
    return "the trace of a matrix product" if len(left) == 2 else "a full contraction"


def _batched_dot(contraction: Contraction) -> str:
    left, right = contraction.equation.inputs
    batch, contracted = contraction.roles.batch, contraction.roles.contracted
    if len(contracted) > 1:
        return "a batched inner product"
    is_matrix = len(left) == 2 and ELLIPSIS not in batch
    if is_matrix and left == right:
        return f"a {'row' if left == batch + contracted else 'column'}-wise dot product"
    return "a batched dot product"


def _with_vector(contraction: Contraction) -> str:
    """A product of a vector with a matrix, with a stack of them, or of stacks of both."""
    left, right = contraction.equation.inputs
    roles = contraction.roles
    free = roles.free_left or roles.free_right
    if len(free) > 1 or ELLIPSIS in free:
        return "a product of an N-D operand with a vector"
    batched = "batched " if roles.batch else ""
    is_first = bool(roles.free_left)
    matrix = left if is_first else right
    # The product that people write has the contracted axes side by side.
    is_matrix_vector = matrix.index(roles.contracted[0]) > matrix.index(free[0])
    if is_first and is_matrix_vector:
        return f"a {batched}matrix-vector product"
    if not is_first and not is_matrix_vector:
        return f"a {batched}vector-matrix product"
    return f"a {batched}product of a matrix and a vector"
