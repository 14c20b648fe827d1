"""Combine the labels of two operands by torch's rules for broadcasting and matmul."""

from collections.abc import Sequence
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Subscripts

UNIT: Final = "1"
"""The label of an axis of size 1 that broadcasts against any other axis."""


class LabelError(ValueError):
    """These labels do not fit together; a plan that combines them is not offered."""


def broadcast(left: Subscripts, right: Subscripts) -> Subscripts:
    """The labels of two operands broadcast against each other from the right, as torch does.

    Raises:
        LabelError: two different labels meet, or an ellipsis meets another axis.
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


def swaps_last_two(source: Subscripts, target: Subscripts) -> bool:
    """Whether `target` is `source` with its last two axes exchanged."""
    return len(source) >= 2 and target == (*source[:-2], source[-1], source[-2])


def is_merged(label: str) -> bool:
    """Whether it stands for several axes that became one, such as `"hd"`."""
    return label != ELLIPSIS and len(label) > 1


def split(labels: Subscripts) -> Subscripts:
    """The labels with every merged axis, such as `"hd"`, as the axes that it is made of."""
    return tuple(part for label in labels for part in (label if is_merged(label) else (label,)))


def _meet(pair: Sequence[str]) -> str:
    """The label of one axis after broadcasting, from the one or two labels that meet there."""
    distinct = set(pair)
    if len(distinct) == 1:
        return pair[0]
    if UNIT in distinct and ELLIPSIS not in distinct:
        return next(label for label in pair if label != UNIT)
    raise LabelError(f"{pair[0]} meets {pair[1]}")


def product(left: Subscripts, right: Subscripts) -> Subscripts:
    """The labels of torch.matmul of two operands, vectors and ellipses included.

    Raises:
        LabelError: the contracted axes do not meet, or the batch axes cannot be aligned.
    """
    if not left or not right or left == (ELLIPSIS,) or right == (ELLIPSIS,):
        raise LabelError("matmul needs at least one named axis on each side")
    contracted = left[-1]
    meets = right[0] if len(right) == 1 else right[-2]
    if contracted in (ELLIPSIS, UNIT) or contracted != meets:
        raise LabelError(f"{contracted} meets {meets} in the product of {left} and {right}")
    return _product(left, right)


def _product(left: Subscripts, right: Subscripts) -> Subscripts:
    """The labels of a matrix product; the contracted axes are already known to match."""
    if len(right) == 1:
        return left[:-1]
    if right[-1] == ELLIPSIS:
        raise LabelError(f"the last axis of {right} is unknown behind an ellipsis")
    if len(left) == 1:
        return right[:-2] + right[-1:]
    if left[-2] == ELLIPSIS:
        # If the ellipsis is empty, the left side is a vector: only a plain matrix may follow.
        if len(right) != 2:
            raise LabelError(f"{left} has an ellipsis where a row axis must be")
        return left[:-1] + right[-1:]
    labels = (*broadcast(left[:-2], right[:-2]), left[-2], right[-1])
    if left[-2] == right[-1] != UNIT or {left[-2], right[-1]} & set(labels[:-2]) - {UNIT}:
        raise LabelError(f"a label would occur twice in the product of {left} and {right}")
    return labels
