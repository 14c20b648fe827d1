"""What messages call an operand: by its text in the call, by a letter, or by its number."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from einlint.algebra.equation import LOWER_CASE

# A longer operand says less than its number does.
_LONGEST: Final = 40


def called(texts: Sequence[str], count: int) -> tuple[str, ...]:
    """What messages call each of `count` operands: "operand `q`", or "operand 1".

    texts: those of the operands; none if they are not known. A number stands for a text that is
        long, that is there twice, or that takes several lines.
    """
    given = texts if len(texts) == count else ("",) * count
    times = Counter(given)
    return tuple(
        f"operand `{text}`"
        if times[text] == 1 and 0 < len(text) <= _LONGEST and text.isprintable()
        else f"operand {number}"
        for number, text in enumerate(given, 1)
    )


def letters(count: int) -> tuple[str, ...]:
    """The operands of an equation without a call: a, b, and so on; none if they are too many."""
    return tuple(LOWER_CASE[:count]) if count <= len(LOWER_CASE) else ()
