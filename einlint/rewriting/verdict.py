"""Whether a call should be replaced: one verdict, from which all advice follows."""

from dataclasses import dataclass
from enum import StrEnum

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.rewriting.plan import RewritePlan
from einlint.rewriting.simplicity import is_simple


class Verdict(StrEnum):
    """REPLACE by the replacement; KEEP einsum; UNCHANGED: the result is the operand itself.

    WRONG: torch rejects the call, whose equation is valid.
    """

    REPLACE = "replace"
    KEEP = "keep"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on an equation, and the reason for it."""

    verdict: Verdict
    reason: str


def judge(contraction: Contraction, plan: RewritePlan | None, objection: str | None) -> Judgement:
    """The verdict on a contraction whose best plan is `plan`; `objection`: why einsum is better."""
    equation, kind = contraction.equation, contraction.kind
    if equation.inputs == (equation.output,) and kind is ContractionKind.PERMUTATION:
        return Judgement(Verdict.UNCHANGED, "the result is a view of the operand, unchanged")
    if kind is ContractionKind.COMPLEX:
        return Judgement(Verdict.KEEP, "no single operation that is simpler does it")
    if plan is None:
        return Judgement(Verdict.KEEP, "nothing simpler does it")
    if objection is not None:
        return Judgement(Verdict.KEEP, objection)
    if not plan.is_simpler:
        return Judgement(Verdict.KEEP, "the replacement reads worse")
    if not is_simple(plan.expression):
        return Judgement(Verdict.KEEP, "the replacement reads no simpler")
    return Judgement(Verdict.REPLACE, "the replacement reads simpler")
