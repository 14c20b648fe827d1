"""Bring an operand into the axis order for `@`, with views that torch.compile reads correctly.

Inductor finds attention (`q @ k.transpose(-2, -1)`, softmax, `@ v`) and fuses it. It accepts any
permutation where it expects certain ones: `.transpose(-2, -1)` as the last one of the right side,
and `.transpose(1, 2)` before it and on the left side. With other permutations the result is wrong,
or compilation fails. Source:
`torch/_inductor/fx_passes/fuse_attention.py`, and measured with torch 2.13;
`tests/rewriting/test_compiled.py` compiles what is written here.
"""

from typing import Final

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import Expression, MatMul, Permute
from einlint.algebra.labels import swaps_last_two
from einlint.rewriting.layout import permute

_EXCHANGED: Final = (0, 2, 1, 3)
_TURNED: Final = (0, 1, 3, 2)


def arrange(operand: Expression, target: Subscripts, *, is_batched: bool) -> Expression:
    """The operand with the axes of `target`: first move the batch axes, then swap the last two.

    Raises:
        LabelError: the operand has other labels than `target`.
    """
    source, matrix = operand.labels, target[-2:]
    may_turn = is_batched and len(target) > 2 and ELLIPSIS not in matrix
    if may_turn and source.index(matrix[0]) > source.index(matrix[1]):
        operand = permute(operand, (*target[:-2], *reversed(matrix)))
    return permute(operand, target)


def moves_batch(side: Expression) -> bool:
    """Whether any view of the side does more than swap the last two axes."""
    return any(not swaps_last_two(view.source.labels, view.labels) for view in _views(side))


def may_be_misread_by_inductor(product: MatMul) -> bool:
    """Whether Inductor may mistake the views of both sides for those of attention.

    It looks for two views on the right side. No pattern matches operands of up to three axes.
    """
    left, right = _views(product.left), _views(product.right)
    if not left or len(right) < 2:
        return False
    if len(product.labels) <= 3 and ELLIPSIS not in product.labels:
        return False
    return list(map(_order, left + right)) != [_EXCHANGED, _TURNED, _EXCHANGED]


def _order(view: Permute) -> tuple[int, ...]:
    """The arguments of `permute`; empty if an ellipsis hides their number."""
    labels = view.source.labels
    return () if ELLIPSIS in labels else tuple(map(labels.index, view.labels))


def _views(side: Expression) -> list[Permute]:
    """The permutations of a side, last one first."""
    return [side, *_views(side.source)] if isinstance(side, Permute) else []
