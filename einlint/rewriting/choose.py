"""The plans for a contraction that its labels prove right, and the best plan for a call."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from einlint.algebra.contraction import Contraction
from einlint.algebra.expression import Base, Expression, Operand
from einlint.algebra.labels import UNIT
from einlint.algebra.proof import computes, evaluation_order
from einlint.algebra.size_table import SizeTable
from einlint.discovery import members
from einlint.rewriting.assumptions import (
    MEANINGS,
    PURE_OPERANDS,
    SQUEEZED_AXES,
    Assumption,
    Evidence,
)
from einlint.rewriting.broadcasting import with_broadcast_assumption
from einlint.rewriting.by_size import with_sizes
from einlint.rewriting.plan import Rewrite, RewritePlan
from einlint.rewriting.simplicity import is_simple

# More axes than real operands have; time for repeated indices grows with the cube of it. More
# operands than real calls have; expressions nest as deep as their number.
_MOST_AXES: Final = 64
_MOST_OPERANDS: Final = 64


def plans(contraction: Contraction) -> Iterator[RewritePlan]:
    """Every plan of every rewrite whose labels are exactly the equation's."""
    equation = contraction.equation
    is_long = len(equation.inputs) > _MOST_OPERANDS
    if is_long or any(len(term) > _MOST_AXES for term in equation.inputs):
        return
    kept = tuple(map(_with_squeezes, contraction.operands))
    choices = [contraction]
    if kept != contraction.operands:
        choices.append(contraction._replace(operands=kept))
    for rewrite in members("einlint.rewriting.targets", Rewrite):
        if contraction.kind in rewrite.kinds:
            for plan in (plan for choice in choices for plan in rewrite.build(choice)):
                if computes(plan.expression, equation.inputs, equation.output):
                    yield _with_squeeze_assumption(_with_order_assumption(plan))


def best_plan(
    contraction: Contraction,
    evidence: Mapping[str, Evidence],
    granted: Collection[str],
    sizes: SizeTable | None = None,
    *,
    prefers_operator: bool = False,
) -> RewritePlan | None:
    """The plan with the fewest open assumptions, then the fewest views; None if there is no plan.

    Plans that change the order of evaluation of the operands come last, unless that is proved or
    granted. Where no plan is safe, one that is simple, or that leaves a squeeze out, may have one
    more assumption. If the best plan has an objection, the call should be kept: a plan that is
    harder to read must not win just because it has no objection. `bmm` is preferred to `@` only if
    it leaves no more assumptions to prove.

    Args:
        contraction: the contraction of the call.
        evidence: assumption name -> its evidence at this call.
        granted: the assumptions that the settings grant.
        sizes: the known sizes at this call.
        prefers_operator: `@` is preferred to `bmm`.
    """

    def rank(plan: RewritePlan) -> tuple[bool, bool, bool, int, int, bool, int, int, bool, int]:
        missing = unmet(plan.assumptions, granted)
        changes_order = any(each.name == PURE_OPERANDS for each in missing)
        return (
            changes_order,
            bool(missing),
            bool(missing) and not is_simple(plan.expression),
            sum(each.name != SQUEEZED_AXES for each in missing),
            plan.views,
            plan.objection is not None,
            len(missing),
            len(unmet(plan.assumptions, ())),
            plan.is_bmm is prefers_operator,
            len(plan.assumptions),
        )

    offered = (
        with_broadcast_assumption(plan, contraction, sizes, evidence) for plan in plans(contraction)
    )
    proved = (_with_proof(plan, evidence) for plan in offered)
    if sizes is not None:
        proved = (with_sizes(plan, contraction, sizes, evidence) for plan in proved)
    return min(proved, key=rank, default=None)


def unmet(assumptions: Collection[Assumption], granted: Collection[str]) -> list[Assumption]:
    """The assumptions that are neither proved nor granted."""
    return [each for each in assumptions if not each.is_proved and each.name not in granted]


def _with_order_assumption(plan: RewritePlan) -> RewritePlan:
    order = evaluation_order(plan.expression)
    if list(order) == sorted(order):
        return plan
    swapped = Assumption(PURE_OPERANDS, MEANINGS[PURE_OPERANDS])
    return plan._replace(assumptions=(*plan.assumptions, swapped))


def _with_squeezes(operand: Operand) -> Operand:
    """The operand, of which only views behind its last squeeze may be left out."""
    bases = tuple(base for base in operand.bases if UNIT not in base.labels)
    return operand if bases == operand.bases else replace(operand, bases=bases)


def _with_squeeze_assumption(plan: RewritePlan) -> RewritePlan:
    """A squeeze that is left out must have dropped an axis: where it is no 1, it keeps the axis."""
    if not _has_squeezed(plan.expression):
        return plan
    squeezed = Assumption(SQUEEZED_AXES, "the axis that the operand squeezes has size 1")
    return plan._replace(assumptions=(*plan.assumptions, squeezed))


def _has_squeezed(expression: Expression) -> bool:
    is_squeezed = isinstance(expression, Base) and UNIT in expression.labels
    return is_squeezed or any(map(_has_squeezed, expression.parts))


def _with_proof(plan: RewritePlan, evidence: Mapping[str, Evidence]) -> RewritePlan:
    assumptions = tuple(
        each._replace(proved_by=evidence.get(each.name)) for each in plan.assumptions
    )
    return plan._replace(assumptions=assumptions)
