"""What is known of the sizes of a tensor's axes: a number, a name, or nothing."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Symbol:
    """A size that is known by name only: equal symbols are equal sizes, 0 and 1 included.

    identity: tells apart two sizes that have one name in the source.
    """

    name: str
    identity: int


Size: TypeAlias = int | Symbol


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its size, None where it is unknown, the words that show it, and their offset."""

    size: Size | None = None
    text: str = ""
    offset: int | None = None


Shape: TypeAlias = tuple[Axis, ...]
"""The axes of a tensor; where the rank is unknown, there is no Shape."""
