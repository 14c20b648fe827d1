"""How the labels of two operands come together: torch's broadcasting and torch's matmul."""

from collections.abc import Sequence
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Subscripts

UNIT: Final = "1"
"""The label of an axis of size 1 that broadcasts against whatever it meets."""


class LabelError(ValueError):
    """These labels do not fit together; the plan that tried it is not offered."""


def broadcast(left: Subscripts, right: Subscripts) -> Subscripts:
    """The labels of two operands broadcast against each other from the right, as torch does.

    Raises:
        LabelError: two different labels meet, or an ellipsis meets what it may not.
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


def _meet(pair: Sequence[str]) -> str:
    """The label of two axes, or of one alone, that broadcasting puts in one place."""
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
    """The labels of a matrix product whose contracted axes are known to meet."""
    if len(right) == 1:
        return left[:-1]
    if right[-1] == ELLIPSIS:
        raise LabelError(f"the last axis of {right} is of unknown number")
    if len(left) == 1:
        return right[:-2] + right[-1:]
    if left[-2] == ELLIPSIS:
        # With an empty ellipsis the left side is a vector: right only beside a plain matrix.
        if len(right) != 2:
            raise LabelError(f"{left} has an ellipsis where a row axis must be")
        return left[:-1] + right[-1:]
    labels = (*broadcast(left[:-2], right[:-2]), left[-2], right[-1])
    if left[-2] == right[-1] != UNIT or {left[-2], right[-1]} & set(labels[:-2]) - {UNIT}:
        raise LabelError(f"a label would occur twice in the product of {left} and {right}")
    return labels
