"""`torch.outer(a, b)`: the outer product of two vectors."""

from collections.abc import Iterator

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.expression import Outer
from einlint.algebra.labels import LabelError
from einlint.rewriting.assumptions import no_autocast
from einlint.rewriting.plan import Rewrite, RewritePlan


def build(contraction: Contraction) -> Iterator[RewritePlan]:
    """A plan with the vectors in the order of their indices in the output."""
    if len(contraction.operands) != 2:
        return
    outside = no_autocast("einsum may cast its operands and `outer` does not")
    for left, right in ((0, 1), (1, 0)):
        try:
            expression = Outer(contraction.operands[left], contraction.operands[right])
        except LabelError:
            return
        if expression.labels == contraction.equation.output:
            yield RewritePlan(expression, (outside,))


REWRITE = Rewrite(frozenset({ContractionKind.OUTER}), build)
