"""The views that make of an operand the side of a batched product, as torch.compile reads them.

Inductor looks for attention (`q @ k.transpose(-2, -1)`, softmax, `@ v`) and fuses it, and in
doing so takes any permutation for the one that it expects: the last one of the right side for
`.transpose(-2, -1)`, and one below it, with one of the left side, for `.transpose(1, 2)`. Where
they are others the result is wrong, or compiling fails. Source:
`torch/_inductor/fx_passes/fuse_attention.py`, and measured with torch 2.13;
`tests/rewriting/test_compiled.py` compiles what is written here.
"""

from typing import Final

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import Expression, MatMul, Permute
from einlint.algebra.labels import swaps_last_two
from einlint.rewriting.layout import permuted

_EXCHANGED: Final = (0, 2, 1, 3)
_TURNED: Final = (0, 1, 3, 2)


def arranged(operand: Expression, target: Subscripts, *, is_batched: bool) -> Expression:
    """The operand with the axes of `target`; batch axes move first, then the last two turn.

    Raises:
        LabelError: `target` are not the operand's labels.
    """
    source, matrix = operand.labels, target[-2:]
    may_turn = is_batched and len(target) > 2 and ELLIPSIS not in matrix
    if may_turn and source.index(matrix[0]) > source.index(matrix[1]):
        operand = permuted(operand, (*target[:-2], *reversed(matrix)))
    return permuted(operand, target)


def moves_batch(side: Expression) -> bool:
    """Whether any view of the side does more than exchange the last two axes."""
    return any(not swaps_last_two(view.source.labels, view.labels) for view in _views(side))


def mistaken_when_compiled(product: MatMul) -> bool:
    """Whether Inductor may take the views of both sides for those of its patterns.

    It looks for two on the right side. Up to three axes nothing is copied, and no pattern fits.
    """
    left, right = _views(product.left), _views(product.right)
    if not left or len(right) < 2:
        return False
    if len(product.labels) <= 3 and ELLIPSIS not in product.labels:
        return False
    return list(map(_order, left + right)) != [_EXCHANGED, _TURNED, _EXCHANGED]


def _order(view: Permute) -> tuple[int, ...]:
    """The arguments of `permute`; none where an ellipsis hides how many there are."""
    labels = view.source.labels
    return () if ELLIPSIS in labels else tuple(map(labels.index, view.labels))


def _views(side: Expression) -> list[Permute]:
    """The permutations of a side, the last one first."""
    return [side, *_views(side.source)] if isinstance(side, Permute) else []
