"""RewritePlan: one way to compute an equation, with everything it rests on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.expression import BatchMatMul, Expression, Permute, Squeeze, Unsqueeze
from einlint.algebra.labels import UNIT
from einlint.rewriting.assumptions import Assumption

# `a.transpose(1, 2) @ b.permute(0, 2, 3, 1)` has three, and is the limit of what reads well.
_MOST_VIEWS: Final = 3


@dataclass(frozen=True, slots=True)
class RewritePlan:
    """An expression of the IR that replaces a call.

    notes: what a reader should know and no assumption covers.
    objection: why einsum is better at the sizes of this call; None where nothing says so.
    """

    expression: Expression
    assumptions: tuple[Assumption, ...]
    notes: tuple[str, ...] = ()
    objection: str | None = None

    @property
    def views(self) -> int:
        """How many views the expression needs, as `views` counts them."""
        return views(self.expression)

    @property
    def is_bmm(self) -> bool:
        """Whether it multiplies with `torch.bmm`."""
        return _holds_bmm(self.expression)

    @property
    def is_simpler(self) -> bool:
        """Whether the expression is easier to read than the equation."""
        return self.views <= _MOST_VIEWS


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One thing an einsum may become: the kinds it serves, and the plans it makes of them."""

    kinds: frozenset[ContractionKind]
    build: Callable[[Contraction], Iterator[RewritePlan]]


def _holds_bmm(expression: Expression) -> bool:
    return isinstance(expression, BatchMatMul) or any(map(_holds_bmm, expression.parts))


def views(expression: Expression) -> int:
    """How many views a reader has to follow.

    A transposition, an unsqueeze and each squeezed axis count one, any other permutation two.
    """
    beneath = sum(views(part) for part in expression.parts)
    match expression:
        case Permute(source=source, labels=labels):
            moved = sum(one != other for one, other in zip(source.labels, labels, strict=True))
            return beneath + (1 if moved == 2 else 2)
        case Squeeze(source=source):
            return beneath + source.labels.count(UNIT)
        case Unsqueeze():
            return beneath + 1
    return beneath
