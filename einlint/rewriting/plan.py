"""RewritePlan: one way to compute an equation, with its assumptions."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.expression import (
    BatchMatMul,
    Expression,
    Flatten,
    Operand,
    Outer,
    Permute,
    Squeeze,
    Unflatten,
    Unsqueeze,
)
from einlint.algebra.labels import UNIT, is_merged
from einlint.rewriting.assumptions import Assumption

# `a.transpose(1, 2) @ b.transpose(1, 2).transpose(-2, -1)` has three; more are hard to read.
_MOST_VIEWS: Final = 3


class RewritePlan(NamedTuple):
    """An expression of the IR that can replace a call.

    notes: facts for the reader that no assumption covers.
    objection: why einsum is better at this call; None without a reason.
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


class Rewrite(NamedTuple):
    """One kind of replacement: the contraction kinds it handles, and how it builds plans."""

    kinds: frozenset[ContractionKind]
    build: Callable[[Contraction], Iterator[RewritePlan]]


def _holds_bmm(expression: Expression) -> bool:
    return isinstance(expression, BatchMatMul) or any(map(_holds_bmm, expression.parts))


def checks_ranks(expression: Expression) -> bool:
    """Whether torch checks the ranks of all operands as einsum does; bmm and outer do."""
    if isinstance(expression, (BatchMatMul, Outer)):
        return True
    return bool(expression.parts) and all(map(checks_ranks, expression.parts))


def views(expression: Expression) -> int:
    """The number of views that a reader has to follow.

    A transposition, an unsqueeze and each squeezed, merged or split axis count as 1, other
    permutations as 2. The views of an operand's own text count only below others: alone they are
    part of the operand.
    """
    beneath = sum(views(part) for part in expression.parts)
    match expression:
        case Permute(source=Operand(kept=kept)) | Unsqueeze(source=Operand(kept=kept)):
            beneath += kept
    match expression:
        case Permute(source=source, labels=labels):
            moved = sum(one != other for one, other in zip(source.labels, labels, strict=True))
            return beneath + (1 if moved == 2 else 2)
        case Squeeze(source=source):
            return beneath + source.labels.count(UNIT)
        case Unsqueeze():
            return beneath + 1
        case Flatten(labels=labels):
            return beneath + sum(map(is_merged, labels))
        case Unflatten(source=source):
            return beneath + sum(map(is_merged, source.labels))
    return beneath
