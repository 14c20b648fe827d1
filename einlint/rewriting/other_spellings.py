"""What could stand in place of a product of two operands where einsum cannot be used.

One `torch.tensordot`, and one matrix product of operands whose axes are merged. They are no
replacements that a rule offers: mostly einsum reads better, and is as fast.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from einlint.algebra.contraction import Contraction
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import (
    BatchMatMul,
    Expression,
    Flatten,
    MatMul,
    Operand,
    TensorDot,
    Unflatten,
)
from einlint.algebra.labels import LabelError, is_merged
from einlint.algebra.proof import computes
from einlint.rewriting.layout import permute
from einlint.rewriting.plan import views
from einlint.rewriting.sides import arrange
from einlint.rewriting.targets.matmul import in_order_of

# With one view a call still reads as one operation.
_MOST_VIEWS: Final = 1


@dataclass(frozen=True, slots=True)
class Spelling:
    """An expression that computes a contraction; `condition`: what must hold for it to be right."""

    expression: Expression
    condition: str

    @property
    def reads_worse(self) -> bool:
        """Whether it is harder to read than the equation."""
        return views(self.expression) > _MOST_VIEWS


def tensordot(contraction: Contraction) -> Spelling | None:
    """The `torch.tensordot` with the fewest views; None with a batch index, or as `_is_odd` says.

    It takes any sizes that einsum takes.
    """
    if _is_odd(contraction) or contraction.roles.batch:
        return None
    condition = "no autocast is active: einsum follows it, and tensordot does not"
    return _fewest(_tensordots(contraction), contraction, condition)


def merged_product(contraction: Contraction) -> Spelling | None:
    """The matrix product of merged axes with the fewest views; None as `_is_odd` says.

    Merging hides sizes: (1, n) and (n, 1) would be multiplied where einsum broadcasts.
    """
    if _is_odd(contraction):
        return None
    names = " and ".join(f"`{label}`" for label in contraction.roles.contracted)
    condition = f"{names}: one size in both operands"
    return _fewest(_products(contraction), contraction, condition)


def batched_products(contraction: Contraction) -> Iterator[Expression]:
    """`torch.bmm` with all batch axes merged into one, and all free and contracted ones too.

    This is what einsum itself does. None without a batch index or a free one on both sides, or as
    `_is_odd` says.
    """
    equation, roles = contraction.equation, contraction.roles
    if _is_odd(contraction) or not (roles.batch and roles.free_left and roles.free_right):
        return
    batch = in_order_of(roles.batch, equation.output)
    free = {0: roles.free_left, 1: roles.free_right}
    for left, right in ((0, 1), (1, 0)):
        rows, columns = (in_order_of(free[side], equation.output) for side in (left, right))
        try:
            first = _grouped(equation.inputs, left, (batch, rows, roles.contracted))
            second = _grouped(equation.inputs, right, (batch, roles.contracted, columns))
            result: Expression = BatchMatMul(first, second)
        except LabelError:
            continue
        if any(map(is_merged, result.labels)):
            result = Unflatten(result)
        yield permute(result, equation.output)


def _grouped(
    inputs: Sequence[Subscripts], position: int, groups: Sequence[Subscripts]
) -> Expression:
    """The operand with its axes in this order, each group of axes merged into one."""
    operand = Operand(position, inputs[position])
    source = arrange(operand, tuple(label for group in groups for label in group), is_batched=True)
    labels = tuple("".join(group) for group in groups)
    return source if labels == source.labels else Flatten(source, labels)


def _is_odd(contraction: Contraction) -> bool:
    """Unless two operands share a contracted index; or an index is in `...`, repeated, or lost."""
    equation, roles = contraction.equation, contraction.roles
    is_odd = roles.summed or roles.diagonal or ELLIPSIS in equation.labels
    return len(equation.inputs) != 2 or not roles.contracted or bool(is_odd)


def _fewest(
    expressions: Iterator[Expression], contraction: Contraction, condition: str
) -> Spelling | None:
    equation = contraction.equation
    right = (each for each in expressions if computes(each, equation.inputs, equation.output))
    found = min(right, key=views, default=None)
    return None if found is None else Spelling(found, condition)


def _tensordots(contraction: Contraction) -> Iterator[Expression]:
    inputs, roles = contraction.equation.inputs, contraction.roles
    for left, right in ((0, 1), (1, 0)):
        sides = Operand(left, inputs[left]), Operand(right, inputs[right])
        yield permute(TensorDot(*sides, roles.contracted), contraction.equation.output)


def _products(contraction: Contraction) -> Iterator[Expression]:
    """Products over (batch, free, contracted) and (batch, contracted, free), merged by group."""
    equation, roles = contraction.equation, contraction.roles
    inputs, output = equation.inputs, equation.output
    shared = {*roles.batch, *roles.contracted}
    batches = dict.fromkeys(in_order_of(roles.batch, model) for model in (*inputs, output))
    summed = dict.fromkeys(in_order_of(roles.contracted, model) for model in inputs)
    for (left, right), batch, contracted in product(((0, 1), (1, 0)), batches, summed):
        own = [tuple(label for label in inputs[at] if label not in shared) for at in (left, right)]
        for order in (None, output):
            free = [in_order_of(labels, order or labels) for labels in own]
            if batch and not all(free):
                continue  # a batch of vectors takes an unsqueeze and a squeeze more
            try:
                first = _left(Operand(left, inputs[left]), batch, free[0], contracted)
                second = _merged(Operand(right, inputs[right]), batch, contracted, free[1])
                result: Expression = MatMul(first, second)
            except LabelError:
                continue
            if any(map(is_merged, result.labels)):
                result = Unflatten(result)
            yield permute(result, output)


def _left(
    operand: Operand, batch: Subscripts, free: Subscripts, contracted: Subscripts
) -> Expression:
    """The left side; without batch axes `@` takes any number of free axes there."""
    return _merged(operand, batch, *([free] if batch else [(each,) for each in free]), contracted)


def _merged(operand: Operand, batch: Subscripts, *groups: Subscripts) -> Expression:
    """The operand with its axes in this order, each group of axes merged into one."""
    target = (*batch, *(label for group in groups for label in group))
    source = arrange(operand, target, is_batched=bool(batch))
    labels = (*batch, *("".join(group) for group in groups if group))
    return source if labels == source.labels else Flatten(source, labels)
