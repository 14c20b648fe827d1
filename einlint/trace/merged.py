"""Merge signatures that differ in sizes only: each size becomes the range of what was seen.

Sizes 0 and 1 are merged with nothing else: a call that broadcasts, or computes nothing, stays apart
from those that do not.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from einlint.trace.store import Count, Operand, Signature, Size, SizeRange

Form: TypeAlias = Hashable
"""What merged signatures have in common."""

_SPECIAL: Final = (0, 1)
_OTHER: Final = "other"


@dataclass(slots=True)
class Merged:
    """Several signatures of one form, and the count of all their calls."""

    signature: Signature
    count: Count = field(default_factory=Count)

    def widen(self, signature: Signature) -> None:
        """Let the ranges hold one more signature."""
        pairs = zip(self.signature.operands, signature.operands, strict=True)
        operands = tuple(_both(one, other) for one, other in pairs)
        self.signature = replace(self.signature, operands=operands)


def form_of(signature: Signature) -> Form:
    """Everything but the sizes, the layouts, and whether gradients are wanted."""
    operands = (
        (each.dtype, each.device, None if each.shape is None else tuple(map(_kind, each.shape)))
        for each in signature.operands
    )
    return (
        *(signature.api, signature.equation, signature.autocast, signature.compiled),
        *operands,
    )


def _kind(size: Size) -> int | str | None:
    """Equal for sizes that may be merged."""
    return size if size is None or size in _SPECIAL else "many"


def _both(one: Operand, other: Operand) -> Operand:
    shape = None
    if one.shape is not None and other.shape is not None:
        shape = tuple(_range(*sizes) for sizes in zip(one.shape, other.shape, strict=True))
    return replace(
        one,
        shape=shape,
        layout=one.layout if one.layout == other.layout else _OTHER,
        requires_grad=one.requires_grad or other.requires_grad,
    )


def _range(one: Size, other: Size) -> Size:
    if one is None or other is None:
        return None
    bounds = [
        bound
        for size in (one, other)
        for bound in (size if isinstance(size, SizeRange) else (size,))
    ]
    low, high = min(bounds), max(bounds)
    return low if low == high else SizeRange(low, high)
