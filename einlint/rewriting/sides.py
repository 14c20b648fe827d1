"""Bring an operand into the axis order for `@`, with views that torch.compile reads correctly.

Inductor finds attention (`q @ k.transpose(-2, -1)`, softmax, `@ v`) and fuses it. It accepts any
permutation where it expects certain ones: `.transpose(-2, -1)` as the last one of the right side,
and `.transpose(1, 2)` before it and on the left side. With other permutations the result is wrong,
or compilation fails. Source:
`torch/_inductor/fx_passes/fuse_attention.py`, and measured with torch 2.13;
`tests/rewriting/test_compiled.py` compiles what is written here.
"""

from collections.abc import Sequence
from itertools import product
from typing import Final, TypeAlias

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import Base, Expression, MatMul, Operand, Permute
from einlint.algebra.labels import swaps_last_two
from einlint.rewriting.layout import fewest_views, permuted

Order: TypeAlias = tuple[int, ...]
"""The arguments of `permute`; empty where they are not known."""

Orders: TypeAlias = tuple[Order, ...]
"""One permutation after another, the last one first."""

_MISTAKEN: Final = "torch.compile may mistake these permutations for those of attention"
_EXCHANGED: Final = (0, 2, 1, 3)
_TURNED: Final = (0, 1, 3, 2)


def arrange(operand: Operand, target: Subscripts, *, is_batched: bool) -> Expression:
    """The operand with the axes of `target`: first move the batch axes, then swap the last two.

    Raises:
        LabelError: the operand has other labels than `target`.
    """
    may_turn = is_batched and len(target) > 2 and ELLIPSIS not in target[-2:]
    return fewest_views(operand, lambda each: _arranged(each, target, may_turn=may_turn))


def _arranged(operand: Operand, target: Subscripts, *, may_turn: bool) -> Expression:
    source, matrix = operand.labels, target[-2:]
    if not may_turn or source.index(matrix[0]) < source.index(matrix[1]):
        return permuted(operand, target)
    return permuted(permuted(operand, (*target[:-2], *reversed(matrix))), target)


def moves_batch(side: Expression) -> bool:
    """Whether any view of the side does more than swap the last two axes."""
    if not isinstance(side, Permute):
        return False
    return not swaps_last_two(side.source.labels, side.labels) or moves_batch(side.source)


def compiled_objection(expression: Expression, own: Sequence[Sequence[Orders]] = ()) -> str | None:
    """Why einsum stays where Inductor may mistake the views of a product for those of attention.

    In attention, softmax is applied to the product itself, never to a permuted one. No pattern
    matches operands of up to three axes.

    own: by operand, the permutations that the operand itself ends in; one for each branch.
    """
    if not isinstance(expression, MatMul):
        return None
    if len(expression.labels) <= 3 and ELLIPSIS not in expression.labels:
        return None
    operands = tuple(map(_operand, expression.parts))
    mistaken = (_is_mistaken(expression, _left(each, operands)) for each in product(*own))
    return _MISTAKEN if any(mistaken) else None


def _is_mistaken(product: MatMul, own: Sequence[Orders]) -> bool:
    left, right = (_reduced(_orders(side, own)) for side in (product.left, product.right))
    # A right side with one view of ours is what the pattern without permutations looks for.
    fewest = 1 if any(own) else 2
    if not left and len(right) > 1:
        left = [_EXCHANGED]  # it may be permuted out of sight, as most heads are
    if not left or len(right) < fewest:
        return False
    return right != [_TURNED] and [*left, *right] != [_EXCHANGED, _TURNED, _EXCHANGED]


def _orders(side: Expression, own: Sequence[Orders]) -> list[Order]:
    """The permutations of a side, the last one first; one is empty where it is not known."""
    if isinstance(side, Permute):
        labels = side.source.labels
        order = () if ELLIPSIS in labels else tuple(map(labels.index, side.labels))
        return [order, *_orders(side.source, own)]
    if isinstance(side, Operand) and own:
        return list(own[side.position])
    return []


def _operand(side: Expression) -> Operand:
    return side if isinstance(side, Operand) else _operand(side.parts[0])


def _left(own: Sequence[Orders], operands: Sequence[Operand]) -> tuple[Orders, ...]:
    """The permutations of the operands that are left where their last views are left out."""
    left = list(own)
    for each in operands:
        if isinstance(each, Base) and own:
            orders, count = own[each.position], len(each.views)
            # Where they are too many branches to tell, one unknown order stands for them all.
            is_known = count <= len(orders) and () not in orders[:count]
            left[each.position] = orders[count:] if is_known else ((),)
    return tuple(left)


def _reduced(orders: list[Order]) -> list[Order]:
    """The orders without exchanges that undo each other."""
    kept: list[Order] = []
    for order in orders:
        is_exchange = order != () and all(order[axis] == at for at, axis in enumerate(order))
        if kept and is_exchange and kept[-1] == order:
            kept.pop()
        else:
            kept.append(order)
    return kept
