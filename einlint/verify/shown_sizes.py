"""The sizes that the code shows for the operands of a call: numbers, and names of equal sizes."""

from typing import TypeAlias

from einlint.algebra.sizes import Shape, Size
from einlint.source.facts.einsum_call import EinsumCall

Shown: TypeAlias = tuple[tuple[Size | None, ...] | None, ...]
"""The sizes of the axes of each operand, as far as the code shows them; None: not even the rank."""


def shown_sizes(call: EinsumCall) -> Shown:
    """What the code shows of the operands of a call, if it does not raise; empty for nothing."""
    table = call.fitted or call.sizes
    return () if table is None else tuple(map(_sizes, table.shapes))


def has_number(shown: Shown) -> bool:
    """Whether the code shows the size of any axis."""
    return any(isinstance(size, int) for shape in shown for size in shape or ())


def _sizes(shape: Shape | None) -> tuple[Size | None, ...] | None:
    return None if shape is None else tuple(axis.size for axis in shape)
