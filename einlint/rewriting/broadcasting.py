"""Batch axes of size 1 in one operand that are larger, or of unknown size, in the other.

einsum treats such an axis as a free axis of the other operand, and multiplies fewer, larger
matrices. `@` multiplies one small matrix for each position of the axis, and `torch.bmm` raises.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from einlint.algebra.contraction import Contraction
from einlint.algebra.equation import ELLIPSIS
from einlint.algebra.size_table import Place, SizeTable
from einlint.rewriting.assumptions import (
    BATCH_SIZES_EQUAL,
    EQUAL_SIZES,
    Assumption,
    Evidence,
    EvidenceKind,
)
from einlint.rewriting.plan import RewritePlan
from einlint.rewriting.speed import is_slower_broadcast

_FASTER: Final = "einsum can be many times faster than `@`"


def with_broadcast_assumption(
    plan: RewritePlan,
    contraction: Contraction,
    sizes: SizeTable | None,
    evidence: Mapping[str, Evidence],
) -> RewritePlan:
    """Add the assumption that batch axes do not broadcast, if that is in doubt."""
    names = {each.name for each in plan.assumptions}
    if EQUAL_SIZES not in names or BATCH_SIZES_EQUAL in names:
        return plan  # not a matrix product, or it has the assumption already
    text = _doubt(contraction, sizes, evidence)
    if text is None:
        return plan
    return plan._replace(assumptions=(*plan.assumptions, Assumption(BATCH_SIZES_EQUAL, text)))


def broadcast_objections(
    plan: RewritePlan, contraction: Contraction, sizes: SizeTable
) -> Iterator[str]:
    """Reasons to keep the call: such an axis makes the replacement raise, or measurably slower."""
    for label, unit, other in _one_sided(contraction, sizes):
        here, there = sizes.called[unit.operand], sizes.called[other.operand]
        where = f"`{label}` is 1 in {here}"
        if plan.is_bmm:
            yield f"{where}, and `torch.bmm` raises where it is not in {there}"
        if isinstance(other.axis.size, int) and is_slower_broadcast(plan.expression, sizes):
            sizes_here = f"{where} and {other.axis.size} in {there}"
            yield f"{sizes_here}: einsum is several times faster than `@` at these sizes"


def _doubt(
    contraction: Contraction, sizes: SizeTable | None, evidence: Mapping[str, Evidence]
) -> str | None:
    if sizes is not None:
        for label, unit, other in _one_sided(contraction, sizes):
            shown = f" ({unit.axis.text})" if unit.axis.text else ""
            both = f"{sizes.called[other.operand]} too, as in {sizes.called[unit.operand]}{shown}"
            return f"`{label}` is 1 in {both}: where it is not, {_FASTER}"
    seen = evidence.get(BATCH_SIZES_EQUAL)
    if contraction.roles.batch and seen is not None and seen.kind is EvidenceKind.AGAINST:
        return f"no batch axis broadcasts from size 1: where one does, {_FASTER}"
    return None


def _one_sided(contraction: Contraction, sizes: SizeTable) -> Iterator[tuple[str, Place, Place]]:
    """Each batch label that is 1 in one operand only, with its axes there and in the other."""
    for label in contraction.roles.batch:
        places = () if label == ELLIPSIS else sizes.places_of(label)
        unit = next((place for place in places if place.axis.size == 1), None)
        other = next((place for place in places if place.axis.size != 1), None)
        if unit is not None and other is not None:
            yield label, unit, other
