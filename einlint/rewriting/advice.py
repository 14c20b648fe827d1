"""Whether a call should be replaced: one answer, from which all lines follow."""

from dataclasses import dataclass
from enum import StrEnum

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.rewriting.plan import RewritePlan
from einlint.rewriting.simplicity import is_simple


class Action(StrEnum):
    """REPLACE by the replacement; KEEP einsum; UNCHANGED: the result is the operand itself.

    WRONG: torch rejects the call, whose equation is valid.
    """

    REPLACE = "replace"
    KEEP = "keep"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about a call, and why."""

    action: Action
    reason: str


def advice_on(contraction: Contraction, plan: RewritePlan | None, objection: str | None) -> Advice:
    """The advice on a contraction whose best plan is `plan`; `objection`: why einsum is better."""
    equation, kind = contraction.equation, contraction.kind
    if equation.inputs == (equation.output,) and kind is ContractionKind.PERMUTATION:
        return Advice(Action.UNCHANGED, "the result is a view of the operand, unchanged")
    if kind is ContractionKind.COMPLEX:
        return Advice(Action.KEEP, "no single operation that is simpler does it")
    if plan is None:
        return Advice(Action.KEEP, "nothing simpler does it")
    if objection is not None:
        return Advice(Action.KEEP, objection)
    if not plan.is_simpler:
        return Advice(Action.KEEP, "the replacement reads worse")
    if not is_simple(plan.expression):
        return Advice(Action.KEEP, "the replacement reads no simpler")
    return Advice(Action.REPLACE, "the replacement reads simpler")
