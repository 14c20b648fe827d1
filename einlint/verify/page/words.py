"""Numbers as people read them, and what a cell of the table is."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from einlint.verify.report import Sizes


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown, and what it is sorted by; None goes last."""

    text: str
    key: float | str | None = None


def change(text: Callable[[float], str], before: float | None, after: float | None) -> Cell:
    """Both sides, sorted by how many times less the replacement takes."""
    if before is None or after is None:
        return Cell("-")
    return Cell(f"{text(before)} → {text(after)}", before / after if after else before)


def seconds(value: float) -> str:
    """As in 12.3 µs."""
    for unit, factor in (("µs", 1e6), ("ms", 1e3)):
        if value * factor < 1000:
            return f"{value * factor:.3g} {unit}"
    return f"{value:.3g} s"


def memory(count: float) -> str:
    """As in 4 KiB."""
    for unit, size in (("B", 1), ("KiB", 2**10), ("MiB", 2**20)):
        if count < 1024 * size:
            return f"{count / size:.4g} {unit}"
    return f"{count / 2**30:.4g} GiB"


def sizes_cell(sizes: Sizes) -> Cell:
    """Sorted by the product of all sizes."""
    return Cell(" ".join(f"{label}={size}" for label, size in sizes), prod(s for _, s in sizes))
