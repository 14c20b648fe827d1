"""The sizes that the code shows for the operands of a call: numbers, and names of equal sizes."""

from collections.abc import Sequence
from typing import TypeAlias

from einlint.algebra.sizes import Shape, Size, Symbol
from einlint.source.facts.einsum_call import EinsumCall
from einlint.source.sdpa.one_call.alone import Alone

Shown: TypeAlias = tuple[tuple[Size | None, ...] | None, ...]
"""The sizes of the axes of each operand, as far as the code shows them; None: not even the rank."""


def shown_sizes(call: EinsumCall) -> Shown:
    """What the code shows of the operands of a call, if it does not raise; empty for nothing."""
    found = [each.shapes for each in (call.sizes, call.fitted) if each is not None]
    return tuple(_joined(*shapes) for shapes in zip(*found, strict=True))


def shown_of_attention(attention: Alone) -> Shown:
    """What the code shows of query, key, value and masks."""
    return tuple(_joined(shape) for shape in attention.shapes)


def has_number(shown: Shown) -> bool:
    """Whether the code shows the size of any axis."""
    return any(isinstance(size, int) for shape in shown for size in shape or ())


def _joined(*shapes: Shape | None) -> tuple[Size | None, ...] | None:
    """The sizes of one operand from what is known of it in several ways."""
    known = [shape for shape in shapes if shape is not None]
    if not known or len(set(map(len, known))) > 1:
        return None
    return tuple(_best([axis.size for axis in axes]) for axes in zip(*known, strict=True))


def _best(sizes: Sequence[Size | None]) -> Size | None:
    """A number, else a name, if any."""
    numbers = (size for size in sizes if isinstance(size, int) and size >= 0)
    names = (size for size in sizes if isinstance(size, Symbol))
    number = next(numbers, None)
    return next(names, None) if number is None else number
