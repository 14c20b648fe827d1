"""Masks that are an index, `scores[mask] = low`: from which axis on they lie on the scores.

An index begins with the first axis, where the mask of one call ends with the last. Both are the
same for a mask that has all axes.
"""

import ast
from collections.abc import Sequence
from typing import Final

from einlint.source.sdpa.filling import is_expanded
from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import Done
from einlint.source.sdpa.windows import Window
from einlint.source.terms import CONSTANT, OPAQUE, Term

_MOST_STEPS: Final = 8


def indexed(
    masks: Sequence[tuple[Done, Window | None]], matched: Matched, read: Read
) -> tuple[bool, str]:
    """Whether one is taken to have all axes; and why it has not, empty if nothing tells."""
    query, found = matched.query, False
    rank = read.rank(query.term, query.product)
    for done, window in masks:
        node = read.recorder.nodes.get(done.term)
        is_index = isinstance(node, ast.Assign) and node in read.recorder.fills
        if is_index and not is_expanded(node):
            own = read.rank(_compared(done.term.operands[1]), matched.product)
            is_other = own is not None and rank is not None and own != rank
            if is_other or window is not None:
                return True, "a mask picks whole rows of the scores"
            found = True
    return found, ""


def _compared(mask: Term) -> Term:
    """What a mask is computed from with as many axes, as in `~(mask == 0)`."""
    for _ in range(_MOST_STEPS):
        is_compared = mask.operator == OPAQUE and len(mask.operands) == 2
        is_compared = is_compared and mask.operands[1].operator == CONSTANT
        if not is_compared and mask.operator not in ("bitwise_not", "bool"):
            break
        mask = mask.operands[0]
    return mask
