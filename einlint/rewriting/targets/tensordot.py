"""`torch.tensordot(a, b, dims=2)`: the full contraction of two operands over several indices.

The dot product of both flattened operands would be shorter but wrong: it silently accepts sizes
(1, n) and (n, 1). tensordot checks each pair of axes, and broadcasts size 1 as einsum does.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.equation import ELLIPSIS
from einlint.algebra.expression import TensorDot
from einlint.rewriting.assumptions import no_autocast
from einlint.rewriting.plan import Rewrite, RewritePlan


def build(contraction: Contraction) -> Iterator[RewritePlan]:
    """One plan, if two or more axes are contracted and their number is known."""
    contracted = contraction.roles.contracted
    if len(contracted) < 2 or ELLIPSIS in contracted:
        return
    left, right = contraction.operands
    outside = no_autocast("einsum casts its operands and tensordot does not")
    expression = TensorDot(left, right, contracted)
    yield RewritePlan(expression, (outside,))


REWRITE = Rewrite(frozenset({ContractionKind.DOT}), build)
