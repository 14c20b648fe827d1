"""AttentionByHand: products with a softmax between them, read step by step or only followed."""

from collections.abc import Iterable
from dataclasses import dataclass

from einlint.diagnostics import Description
from einlint.source.finder import Matcher, ParsedFile

SOFTMAX = "oftmax"
"""Stands in the text of every file that has an attention."""


@dataclass(frozen=True, slots=True, eq=False)
class AttentionByHand:
    """An attention that is written by hand.

    spans: of everything that it is written with: the two products and the steps between them.
    products: of the two products.
    obstacles: why one call cannot compute the same; none if it can.
    """

    start: int
    end: int
    description: Description
    spans: tuple[tuple[int, int], ...]
    products: tuple[tuple[int, int], ...]
    obstacles: tuple[str, ...]


def find(parsed: ParsedFile) -> Iterable[AttentionByHand]:
    """The attention of a file: what is read, and what scores and weights lead to besides."""
    if SOFTMAX not in parsed.source.text:
        return ()
    from einlint.source.facts.hand_written_attention import HandWrittenAttention

    read = parsed.facts(HandWrittenAttention)
    if parsed.is_brief:
        return read  # what is only followed has no fix
    from einlint.source.attention.following.found import followed

    return (*read, *followed(parsed, read))


_PRODUCTS = ("einsum", "matmul", "bmm", ".mm", "@")

MATCHER = Matcher(AttentionByHand, find, ((SOFTMAX,), _PRODUCTS))
