"""Cell: what the table shows in one place, and sorts by."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Final

from einlint.verify.quantities import shapes_text
from einlint.verify.report import Case


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown, and what it is sorted by; None goes last."""

    text: str
    key: float | str | None = None


NOTHING: Final = Cell("-")


def change(text: Callable[[float], str], before: float | None, after: float | None) -> Cell:
    """Both sides, sorted by how many times less the replacement takes."""
    if before is None or after is None:
        return NOTHING
    return Cell(f"{text(before)} → {text(after)}", before / after if after else before)


def sizes_cell(case: Case) -> Cell:
    """Sorted by the product of all sizes."""
    return Cell(shapes_text(case), prod(s for _, s in case.sizes))
