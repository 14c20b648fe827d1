"""A small picture as the address of an image, for hovers: editors refuse SVG elements there."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Final

from einlint.algebra.equation import Equation
from einlint.pictures.picture import compact, standalone

_LARGEST: Final = (480, 199)
# Nobody reads smaller letters.
_SMALLEST_SCALE: Final = 0.55


def image(
    equation: Equation, sizes: Mapping[str, int] | None = None, names: Sequence[str] = ()
) -> str | None:
    """A `data:` address of a picture below 200 pixels; None if it would be too small to read."""
    drawn, scale = compact(equation, sizes or {}, names, _LARGEST)
    if scale < _SMALLEST_SCALE:
        return None
    return f"data:image/svg+xml;base64,{b64encode(standalone(drawn).encode()).decode()}"
