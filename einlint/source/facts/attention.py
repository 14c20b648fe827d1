"""Attention: two products with a softmax between them, in the forms that torch.compile knows."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from einlint.diagnostics import Description
from einlint.source.callsite import CallSite
from einlint.source.facts.attention_by_hand import SOFTMAX
from einlint.source.finder import Matcher, ParsedFile

if TYPE_CHECKING:  # most files have no softmax
    from einlint.rewriting.fused import Form, Layout


class Attention(NamedTuple):
    """The two products, and all forms that the steps between them may have.

    scores, values: None where it is written as a matrix product already; one of them is a call.
    layout: the one of query, key and value; None where it is not known, or not one.
    """

    scores: CallSite | None
    values: CallSite | None
    forms: frozenset["Form"]
    layout: "Layout | None"

    @property
    def sites(self) -> tuple[CallSite, ...]:
        """The einsum calls of it."""
        return tuple(each for each in (self.scores, self.values) if each is not None)

    @property
    def start(self) -> int:
        """The offset of its first call."""
        return self.sites[0].start

    @property
    def end(self) -> int:
        """The offset of the end of its first call."""
        return self.sites[0].end

    @property
    def description(self) -> Description:
        """The function that its first product is written with."""
        return self.sites[0].description


def find(parsed: ParsedFile) -> Iterable[Attention]:
    """The attention of a file over four axes: batch, head, token and feature."""
    if SOFTMAX not in parsed.source.text:
        return ()
    from einlint.source.attention.compiled import found

    return found(parsed)


MATCHER = Matcher(Attention, find)
