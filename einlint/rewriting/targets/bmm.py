"""`torch.bmm(a, b)`: batched matrix products whose one batch axis does not broadcast.

einsum itself ends in this operator. It checks the ranks, which `@` does not.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.expression import BatchMatMul
from einlint.algebra.labels import LabelError
from einlint.rewriting.assumptions import BATCH_SIZES_EQUAL, Assumption
from einlint.rewriting.plan import Rewrite, RewritePlan
from einlint.rewriting.targets.matmul import plan_of, products


def build(contraction: Contraction) -> Iterator[RewritePlan]:
    """The plans of `@` in which both sides have one batch axis and no ellipsis."""
    for product in products(contraction):
        try:
            batched = BatchMatMul(product.left, product.right)
        except LabelError:
            continue
        text = f"`{batched.labels[0]}` has one size in both operands"
        plan = plan_of(contraction, batched)
        yield plan._replace(assumptions=(*plan.assumptions, Assumption(BATCH_SIZES_EQUAL, text)))


REWRITE = Rewrite(frozenset({ContractionKind.BATCHED_MATMUL}), build)
