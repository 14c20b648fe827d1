"""`.transpose`, `.permute`, `.sum` and `.diagonal`: replacements for equations of one operand."""

from collections import Counter
from collections.abc import Iterator

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import Diagonal, Expression, Operand, Sum
from einlint.rewriting.assumptions import no_autocast
from einlint.rewriting.layout import fewest_views, permute, permuted
from einlint.rewriting.plan import Rewrite, RewritePlan


def build(contraction: Contraction) -> Iterator[RewritePlan]:
    """Diagonals first, then the kept axes in the output's order, then the sum of the others."""
    output = contraction.equation.output
    expression = _summed(_without_repeats(contraction.operands[0]), output)
    if expression is None or isinstance(expression, Operand):
        return
    outside = no_autocast("einsum may cast its operand and methods do not")
    notes = _notes(contraction.roles.diagonal)
    yield RewritePlan(expression, (outside,), notes)


def _without_repeats(expression: Expression) -> Expression:
    repeated = [label for label, count in Counter(expression.labels).items() if count > 1]
    return _without_repeats(Diagonal(expression, repeated[0])) if repeated else expression


def _summed(source: Expression, output: Subscripts) -> Expression | None:
    summed = tuple(label for label in source.labels if label not in output)
    if not summed:
        return permute(source, output)
    if ELLIPSIS in summed and (output or len(summed) == 1):
        # The number of axes to sum over is unknown. If it may be 0, einsum sums nothing, but
        # `sum` still turns integers into int64.
        return None
    if isinstance(source, Operand):
        return fewest_views(source, lambda each: _sum_of(each, output, summed))
    return _sum_of(source, output, summed)


def _sum_of(source: Expression, output: Subscripts, summed: Subscripts) -> Expression:
    kept = tuple(label for label in source.labels if label in output)
    return Sum(source if kept == output else permuted(source, (*output, *summed)), summed)


def _notes(diagonal: Subscripts) -> tuple[str, ...]:
    if not diagonal:
        return ()
    names = ", ".join(f"`{label}`" for label in diagonal)
    return (f"einsum raises where the axes of {names} differ in size, `diagonal` does not",)


REWRITE = Rewrite(
    frozenset({ContractionKind.PERMUTATION, ContractionKind.REDUCTION, ContractionKind.DIAGONAL}),
    build,
)
