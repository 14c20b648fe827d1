"""The rewrite IR: what a replacement computes, each node knowing the labels of its axes.

A node cannot be built when its labels do not fit together, and `labels` follow torch's rules
for the operation, so an expression whose final labels are the equation's output computes
the right axes by construction. Besides the equation's labels an axis may be UNIT, an axis of
size 1 that broadcasts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from einlint.algebra.equation import ELLIPSIS, Subscripts

UNIT: Final = "1"


class LabelError(ValueError):
    """These nodes do not fit together; the plan that tried it is not offered."""


class Expression(Protocol):
    """A node of the IR."""

    @property
    def labels(self) -> Subscripts:
        """The labels of the result, axis by axis."""

    @property
    def parts(self) -> tuple["Expression", ...]:
        """The nodes this one is computed from, in order of evaluation."""

    @property
    def removed(self) -> Subscripts:
        """The labels that are summed over at this very node."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One operand of the einsum call, by its position."""

    position: int
    labels: Subscripts
    parts: tuple[Expression, ...] = ()
    removed: Subscripts = ()


@dataclass(frozen=True, slots=True)
class Permute:
    """The same axes in the order of `labels` (transpose, permute, movedim)."""

    source: Expression
    labels: Subscripts
    removed: Subscripts = ()

    def __post_init__(self) -> None:
        unique = len(set(self.labels)) == len(self.labels)
        if not unique or sorted(self.labels) != sorted(self.source.labels):
            raise LabelError(f"{self.labels} is no permutation of {self.source.labels}")

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True)
class Unsqueeze:
    """The source with a UNIT axis wherever `labels` has one and the source has not."""

    source: Expression
    labels: Subscripts
    removed: Subscripts = ()

    def __post_init__(self) -> None:
        if tuple(label for label in self.labels if label != UNIT) != self.source.labels:
            raise LabelError(f"{self.labels} is not {self.source.labels} with unit axes")

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True)
class Squeeze:
    """The source without its UNIT axes."""

    source: Expression
    removed: Subscripts = ()

    @property
    def labels(self) -> Subscripts:
        return tuple(label for label in self.source.labels if label != UNIT)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True)
class Sum:
    """The source summed over `removed`."""

    source: Expression
    removed: Subscripts

    def __post_init__(self) -> None:
        if not set(self.removed) <= set(self.source.labels):
            raise LabelError(f"{self.removed} are not all in {self.source.labels}")

    @property
    def labels(self) -> Subscripts:
        return tuple(label for label in self.source.labels if label not in self.removed)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True)
class Diagonal:
    """The first two axes of `label` made one, which comes last (torch.diagonal)."""

    source: Expression
    label: str
    removed: Subscripts = ()

    def __post_init__(self) -> None:
        if self.source.labels.count(self.label) < 2:
            raise LabelError(f"{self.label} is not repeated in {self.source.labels}")

    @property
    def axes(self) -> tuple[int, int]:
        """The two positions that become one."""
        first = self.source.labels.index(self.label)
        return first, self.source.labels.index(self.label, first + 1)

    @property
    def labels(self) -> Subscripts:
        kept = (label for axis, label in enumerate(self.source.labels) if axis not in self.axes)
        return (*kept, self.label)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True)
class Multiply:
    """The elementwise product, broadcast from the right."""

    left: Expression
    right: Expression
    removed: Subscripts = ()

    def __post_init__(self) -> None:
        broadcast(self.left.labels, self.right.labels)

    @property
    def labels(self) -> Subscripts:
        return broadcast(self.left.labels, self.right.labels)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Outer:
    """The outer product of two vectors (torch.outer)."""

    left: Expression
    right: Expression
    removed: Subscripts = ()

    def __post_init__(self) -> None:
        if not (_is_vector(self.left.labels) and _is_vector(self.right.labels)):
            raise LabelError("the outer product is one of two vectors")

    @property
    def labels(self) -> Subscripts:
        return self.left.labels + self.right.labels

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class MatMul:
    """torch.matmul: vectors, matrices, and batches of them broadcast from the right."""

    left: Expression
    right: Expression

    def __post_init__(self) -> None:
        _matmul_labels(self.left.labels, self.right.labels)

    @property
    def labels(self) -> Subscripts:
        return _matmul_labels(self.left.labels, self.right.labels)

    @property
    def removed(self) -> Subscripts:
        return self.left.labels[-1:]

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class TensorDot:
    """torch.tensordot over `removed`: the axes left over of the left, then of the right."""

    left: Expression
    right: Expression
    removed: Subscripts

    def __post_init__(self) -> None:
        for side in (self.left.labels, self.right.labels):
            if ELLIPSIS in side or not set(self.removed) <= set(side):
                raise LabelError(f"{self.removed} cannot be contracted in {side}")

    @property
    def labels(self) -> Subscripts:
        both = self.left.labels + self.right.labels
        return tuple(label for label in both if label not in self.removed)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.left, self.right)


def evaluation_order(expression: Expression) -> tuple[int, ...]:
    """The positions of the operands in the order in which the expression evaluates them."""
    if isinstance(expression, Operand):
        return (expression.position,)
    return tuple(position for part in expression.parts for position in evaluation_order(part))


def computes(expression: Expression, inputs: Sequence[Subscripts], output: Subscripts) -> bool:
    """Whether the expression is the contraction of `inputs` to `output`, by its labels alone.

    Every operand occurs once with the labels it has in the equation; the final labels are the
    output; the labels summed over, each at one node, are those the output lacks; and a label
    is summed over only where every operand that carries it has been brought together.
    """
    if sorted(evaluation_order(expression)) != list(range(len(inputs))):
        return False
    removals = _removals(expression)
    summed = sorted(label for label, _ in removals)
    lost = sorted({label for term in inputs for label in term} - set(output))
    return (
        expression.labels == output
        and summed == lost
        and _operands_keep_their_labels(expression, inputs)
        and all(
            position in beneath
            for label, beneath in removals
            for position, term in enumerate(inputs)
            if label in term
        )
    )


def broadcast(left: Subscripts, right: Subscripts) -> Subscripts:
    """The labels of two operands broadcast against each other from the right, as torch does.

    Raises:
        LabelError: two different labels meet, or an ellipsis meets what it may not.
    """
    longest = max(len(left), len(right))
    result: list[str] = []
    for distance in range(1, longest + 1):
        pair = [term[-distance] for term in (left, right) if distance <= len(term)]
        if pair == [ELLIPSIS, ELLIPSIS] and distance < longest:
            raise LabelError(f"axes left of two ellipses cannot be aligned: {left}, {right}")
        result.append(_meet(pair))
    if len(set(result) - {UNIT}) != len([label for label in result if label != UNIT]):
        raise LabelError(f"a label would occur twice: {left}, {right}")
    return tuple(reversed(result))


def _meet(pair: Sequence[str]) -> str:
    """The label of two axes, or of one alone, that broadcasting puts in one place."""
    distinct = set(pair)
    if len(distinct) == 1:
        return pair[0]
    if UNIT in distinct and ELLIPSIS not in distinct:
        return next(label for label in pair if label != UNIT)
    raise LabelError(f"{pair[0]} meets {pair[1]}")


def _matmul_labels(left: Subscripts, right: Subscripts) -> Subscripts:
    if not left or not right or left == (ELLIPSIS,) or right == (ELLIPSIS,):
        raise LabelError("matmul needs at least one named axis on each side")
    contracted = left[-1]
    meets = right[0] if len(right) == 1 else right[-2]
    if contracted in (ELLIPSIS, UNIT) or contracted != meets:
        raise LabelError(f"{contracted} meets {meets} in the product of {left} and {right}")
    return _product_labels(left, right)


def _product_labels(left: Subscripts, right: Subscripts) -> Subscripts:
    """The labels of a matrix product whose contracted axes are known to meet."""
    if len(right) == 1:
        return left[:-1]
    if right[-1] == ELLIPSIS:
        raise LabelError(f"the last axis of {right} is of unknown number")
    if len(left) == 1:
        return right[:-2] + right[-1:]
    if left[-2] == ELLIPSIS:
        # With an empty ellipsis the left side is a vector: right only beside a plain matrix.
        if len(right) != 2:
            raise LabelError(f"{left} has an ellipsis where a row axis must be")
        return left[:-1] + right[-1:]
    labels = (*broadcast(left[:-2], right[:-2]), left[-2], right[-1])
    if left[-2] == right[-1] != UNIT or {left[-2], right[-1]} & set(labels[:-2]) - {UNIT}:
        raise LabelError(f"a label would occur twice in the product of {left} and {right}")
    return labels


def _is_vector(labels: Subscripts) -> bool:
    return len(labels) == 1 and labels[0] not in (ELLIPSIS, UNIT)


def _removals(expression: Expression) -> list[tuple[str, frozenset[int]]]:
    """Each summed label with the operands beneath the node that sums it."""
    beneath = frozenset(evaluation_order(expression))
    here = [(label, beneath) for label in expression.removed]
    return here + [removal for part in expression.parts for removal in _removals(part)]


def _operands_keep_their_labels(expression: Expression, inputs: Sequence[Subscripts]) -> bool:
    if isinstance(expression, Operand):
        return expression.labels == inputs[expression.position]
    return all(_operands_keep_their_labels(part, inputs) for part in expression.parts)
