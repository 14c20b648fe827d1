"""What statements say about terms: facts that hold from where they stand to the end of the block.

`b, n, d = x.shape` raises unless `x` has three axes, and so does `einsum('bnd,...', x)`; behind
an `assert` its test holds. Terms do not change, so what is learned late is true of all that was
made of them before.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from einlint.source.terms import Term


class HasRank(NamedTuple):
    """The number of axes; names: what the source calls their sizes."""

    term: Term
    rank: int
    names: tuple[str, ...] = ()
    line: int = 0


class HasShape(NamedTuple):
    """It has a shape, so it is a tensor; sizes: the whole shape, where a test compared it."""

    term: Term
    sizes: tuple[Term, ...] | None = None
    line: int = 0


class AreEqual(NamedTuple):
    """Two integers are equal."""

    left: Term
    right: Term
    line: int = 0


Fact: TypeAlias = HasRank | HasShape | AreEqual


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """A list of facts, the last one first; branches share what was known before them."""

    fact: Fact | None = None
    before: "Knowledge | None" = None

    def with_fact(self, fact: Fact) -> "Knowledge":
        """One more fact."""
        return Knowledge(fact, self)
