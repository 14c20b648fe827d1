"""Describe the memory layout of a tensor in one word."""

from collections.abc import Sequence
from typing import Final

_CONTIGUOUS: Final = "contiguous"
_PERMUTED: Final = "permuted"
_OTHER: Final = "other"


def layout_of(shape: Sequence[int], strides: Sequence[int] | None) -> str:
    """The layout for sizes and strides (in elements); strides may be None."""
    if strides is None:
        return _OTHER
    axes = [pair for pair in zip(strides, shape, strict=True) if pair[1] != 1]
    if 0 in shape or _is_dense(list(reversed(axes))):
        return _CONTIGUOUS
    return _PERMUTED if _is_dense(sorted(axes)) else _OTHER


def _is_dense(axes: Sequence[tuple[int, int]]) -> bool:
    """Whether the axes, innermost first, leave no gaps in memory."""
    expected = 1
    for stride, size in axes:
        if stride != expected:
            return False
        expected *= size
    return True
