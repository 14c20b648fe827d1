"""RewritePlan: one way to compute an equation, with everything it rests on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.expression import Expression
from einlint.assumptions import Assumption


@dataclass(frozen=True, slots=True)
class RewritePlan:
    """An expression of the IR that replaces a call.

    views: operators it needs beside the product itself; fewer read and run better.
    notes: what a reader should know and no assumption covers.
    """

    expression: Expression
    assumptions: tuple[Assumption, ...]
    views: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One thing an einsum may become: the kinds it serves, and the plans it makes of them."""

    kinds: frozenset[ContractionKind]
    build: Callable[[Contraction], Iterator[RewritePlan]]
