"""Texts of Python expressions with their precedence, so that parentheses are exact."""

from enum import IntEnum
from typing import NamedTuple

from einlint.algebra.equation import LOWER_CASE


class Precedence(IntEnum):
    """Python's operators from the loosest to the tightest, as far as rewrites need them.

    Source: "Operator precedence" in the Python language reference, section 6.17.
    """

    ANY = 0
    BITOR = 1
    BITXOR = 2
    BITAND = 3
    SHIFT = 4
    SUM = 5
    PRODUCT = 6
    UNARY = 7
    POWER = 8
    AWAIT = 9
    PRIMARY = 10


class Text(NamedTuple):
    """Source text of one expression and the precedence of its outermost operator.

    rows: the same text in pieces, one for each line, if it can be split within parentheses.
    bases: the text without the last view that it ends in, without the last two, and so on.
    """

    source: str
    precedence: Precedence
    rows: tuple[str, ...] = ()
    bases: tuple["Text", ...] = ()

    def at_least(self, needed: Precedence) -> str:
        """The source, in parentheses if it binds less tightly than `needed`."""
        return self.source if self.precedence >= needed else f"({self.source})"


def operand_names(count: int) -> list[Text]:
    """Names for operands that have no text of their own: a, b, c, ..."""
    letters = (LOWER_CASE + LOWER_CASE.upper())[:count]
    return [Text(letter, Precedence.PRIMARY) for letter in letters]
