"""`a @ b`: dot, matrix-vector, matrix, batched matrix and N-D times 2-D products."""

from collections.abc import Iterator

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import Expression, MatMul, Permute
from einlint.algebra.labels import LabelError
from einlint.rewriting.assumptions import (
    BATCH_SIZES_EQUAL,
    EQUAL_SIZES,
    NOT_SLOWER,
    SAME_LAYOUT,
    Assumption,
)
from einlint.rewriting.layout import memory_order, permute
from einlint.rewriting.plan import Rewrite, RewritePlan
from einlint.rewriting.sides import arrange, compiled_objection, moves_batch


def build(contraction: Contraction) -> Iterator[RewritePlan]:
    """Plans for both orders of the operands, and for every useful order of batch axes."""
    if len(contraction.roles.contracted) != 1:
        return
    for product in products(contraction):
        yield plan_of(contraction, product)


def products(contraction: Contraction) -> Iterator[MatMul]:
    """All products that give the axes of the contraction, in any order."""
    for left, right in ((0, 1), (1, 0)):
        yield from _products(contraction, left, right)


def _products(contraction: Contraction, left: int, right: int) -> Iterator[MatMul]:
    sides = contraction.equation.inputs[left], contraction.equation.inputs[right]
    output, batch = contraction.equation.output, contraction.roles.batch
    tried: set[tuple[Subscripts, Subscripts]] = set()
    for model in (*sides, output):
        for free_model in (None, output):
            axes = _arrangement(sides, contraction, in_order_of(batch, model), free_model)
            if axes in tried:
                continue
            tried.add(axes)
            is_batched = len(axes[0]) > 1 and len(axes[1]) > 2
            try:
                yield MatMul(
                    arrange(contraction.operands[left], axes[0], is_batched=is_batched),
                    arrange(contraction.operands[right], axes[1], is_batched=is_batched),
                )
            except LabelError:
                continue


def _arrangement(
    sides: tuple[Subscripts, Subscripts],
    contraction: Contraction,
    batch: Subscripts,
    free_model: Subscripts | None,
) -> tuple[Subscripts, Subscripts]:
    """The axis order of both sides for matmul: (batch, free, contracted), and mirrored.

    Free axes keep the order of their operand, or take the order of `free_model`.
    """
    contracted = contraction.roles.contracted
    shared = {*batch, *contracted}
    left, right = (
        tuple(label for label in in_order_of(side, free_model or side) if label not in shared)
        for side in sides
    )
    return (*batch, *left, *contracted), (*batch, *right[:-1], *contracted, *right[-1:])


def in_order_of(labels: Subscripts, model: Subscripts) -> Subscripts:
    """`labels` in the order of `model`; labels that it lacks come last."""
    return tuple(sorted(labels, key=lambda label: (label not in model, _index(model, label))))


def equal_sizes(contraction: Contraction) -> Assumption:
    """The assumption that the contracted index does not broadcast."""
    (index,) = contraction.roles.contracted
    return Assumption(EQUAL_SIZES, f"`{index}` has one size in both operands")


def _index(model: Subscripts, label: str) -> int:
    return model.index(label) if label in model else 0


def plan_of(contraction: Contraction, product: MatMul) -> RewritePlan:
    """The plan of a product, permuted to the output if necessary."""
    output = contraction.equation.output
    same_axes = sorted(product.labels) == sorted(output)
    result = permute(product, output) if same_axes else product
    assumptions = tuple(_assumptions(contraction, product, result))
    return RewritePlan(result, assumptions, objection=compiled_objection(result))


def _assumptions(
    contraction: Contraction, product: MatMul, result: Expression
) -> Iterator[Assumption]:
    yield equal_sizes(contraction)
    if ELLIPSIS in contraction.roles.batch:
        text = "`...` has the same axes in both operands: where `@` must broadcast them it can"
        yield Assumption(BATCH_SIZES_EQUAL, f"{text} be many times slower than einsum")
    # An empty ellipsis can change which side einsum puts first in memory.
    is_uncertain = result is not product and ELLIPSIS in result.labels
    if is_uncertain or product.labels != memory_order(contraction):
        text = "nobody depends on the strides of the result, which are not those of einsum"
        yield Assumption(SAME_LAYOUT, text)
    reason = _why_perhaps_slower(contraction, product, result)
    if reason:
        yield Assumption(NOT_SLOWER, f"it is not slower here, where {reason}")


def _why_perhaps_slower(
    contraction: Contraction, product: MatMul, result: Expression
) -> str | None:
    right = product.right.labels
    is_batched = len(right) > 2 or ELLIPSIS in right
    if is_batched and not contraction.roles.batch:
        return "`@` repeats its left side for every batch of the right one"
    if result is not product:
        return "the result is permuted, as in einsum itself"
    for side in (product.left, product.right):
        if not isinstance(side, Permute):
            continue
        if moves_batch(side):
            return "an operand is permuted, as in einsum itself"
        if not contraction.roles.batch and len(side.labels) > 2:
            return "`@` copies the transposed N-D operand, or multiplies it piece by piece"
    return None


REWRITE = Rewrite(
    frozenset(
        {
            ContractionKind.DOT,
            ContractionKind.MATVEC,
            ContractionKind.VECMAT,
            ContractionKind.MATMUL,
            ContractionKind.BATCHED_MATMUL,
            ContractionKind.LINEAR,
        }
    ),
    build,
)
