"""What is left of a shape whose rank the equation alone tells: the axes of size 1."""

from einlint.algebra.sizes import Axis, Shape


def unit_axes(shape: Shape | None) -> Shape | None:
    """The shape with no more than its axes of size 1; None where it has none.

    Nothing is proved by it, as einsum is what checks the rank; but a size that is visibly 1 may
    speak against a replacement.
    """
    if shape is None or all(axis.size != 1 for axis in shape):
        return None
    return tuple(axis if axis.size == 1 else Axis() for axis in shape)
