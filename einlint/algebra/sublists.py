"""The sublist form of einsum: `einsum(a, [0, 1], b, [1, 2], [0, 2])`."""

from collections.abc import Sequence
from types import EllipsisType
from typing import Final

from einlint.algebra.equation import ARROW, ELLIPSIS, LOWER_CASE

# torch maps 0-25 to capitals and 26-51 to lower case.
_SUBLIST_LETTERS: Final = LOWER_CASE.upper() + LOWER_CASE


class SublistError(ValueError):
    """A subscript is outside of [0, 52); torch rejects it."""


def equation_of_sublists(
    inputs: Sequence[Sequence[int | EllipsisType]], output: Sequence[int | EllipsisType] | None
) -> str:
    """The equation text that torch.einsum itself makes of a call in sublist form.

    Raises:
        SublistError: a subscript is outside of [0, 52).
    """
    terms = ",".join(_term(sublist) for sublist in inputs)
    return terms if output is None else f"{terms}{ARROW}{_term(output)}"


def _term(sublist: Sequence[int | EllipsisType]) -> str:
    return "".join(_letter(subscript) for subscript in sublist)


def _letter(subscript: int | EllipsisType) -> str:
    if isinstance(subscript, EllipsisType):
        return ELLIPSIS
    if not 0 <= subscript < len(_SUBLIST_LETTERS):
        raise SublistError(f"subscript {subscript} is not within [0, {len(_SUBLIST_LETTERS)})")
    return _SUBLIST_LETTERS[subscript]
