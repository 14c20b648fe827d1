"""Cell: the text of one table cell, and its sort key."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Final

from einlint.verify.case import Case
from einlint.verify.quantities import shapes_text


@dataclass(frozen=True, slots=True)
class Cell:
    """The text, and the key to sort by; None sorts last."""

    text: str
    key: float | str | None = None


NOTHING: Final = Cell("-")


def change(text: Callable[[float], str], before: float | None, after: float | None) -> Cell:
    """Values of both sides, sorted by their ratio."""
    if before is None or after is None:
        return NOTHING
    return Cell(f"{text(before)} → {text(after)}", before / after if after else before)


def sizes_cell(case: Case) -> Cell:
    """The sizes of a case, sorted by their product."""
    return Cell(shapes_text(case), prod(s for _, s in case.sizes))
