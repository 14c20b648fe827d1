"""What is known of the size of an axis: a number, a symbol, or nothing."""

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias


@dataclass(frozen=True, slots=True)
class Symbol:
    """A size known only by name: equal symbols are equal sizes (which may be 0 or 1).

    identity: distinguishes two sizes with the same name in the source.
    owner: the function of which it is a parameter, if it is one.
    """

    name: str
    identity: int
    owner: object = field(default=None, compare=False, repr=False)


Size: TypeAlias = int | Symbol


class Axis(NamedTuple):
    """One axis: its size (None if unknown), and the text and offset of the code that shows it."""

    size: Size | None = None
    text: str = ""
    offset: int | None = None


Shape: TypeAlias = tuple[Axis, ...]
"""The axes of a tensor of known rank."""
