"""An operand of a call, and the same without the views at the end of its own text."""

from collections.abc import Iterator, Sequence

from einlint.algebra.equation import Subscripts
from einlint.algebra.expression import Base, Operand
from einlint.algebra.views import View, unviewed, viewed, weight


def operand_with_views(
    position: int, labels: Subscripts, views: Sequence[View], sure: int
) -> Operand:
    """The operand of a term whose text ends in these views, the last one first.

    sure: how many of them may be left out; the others are only counted.
    """
    total = sum(map(weight, views))
    bases = tuple(_bases(position, labels, views[:sure], total))
    return Operand(position, labels, bases=bases, kept=total)


def _bases(position: int, labels: Subscripts, views: Sequence[View], total: int) -> Iterator[Base]:
    """The operand without its last view, without its last two, and so on, while labels tell it."""
    before: Subscripts | None = labels if len(set(labels)) == len(labels) else None
    for count, view in enumerate(views, start=1):
        before = None if before is None else unviewed(view, before)
        if before is None:
            return
        left_out = tuple(views[:count])
        dropped = sum(map(weight, left_out))
        assert viewed(left_out, before) == labels
        yield Base(position, before, kept=total - dropped, views=left_out, dropped=dropped)
