"""Use the known sizes at a call: they prove assumptions of a plan, or object to it."""

from collections.abc import Iterator, Mapping

from einlint.algebra.contraction import Contraction
from einlint.algebra.equation import Subscripts
from einlint.algebra.size_table import SizeTable
from einlint.rewriting.assumptions import (
    BATCH_SIZES_EQUAL,
    EQUAL_DTYPES,
    EQUAL_SIZES,
    NOT_SLOWER,
    SAME_LAYOUT,
    Assumption,
    Evidence,
    no_autocast,
)
from einlint.rewriting.broadcasting import broadcast_objections
from einlint.rewriting.plan import RewritePlan
from einlint.rewriting.speed import Speed, speed


def with_sizes(
    plan: RewritePlan,
    contraction: Contraction,
    sizes: SizeTable,
    evidence: Mapping[str, Evidence],
) -> RewritePlan:
    """The plan with the proofs, the objection and the assumptions that follow from the sizes.

    evidence: assumption name -> its evidence at this call.
    """
    more = _of_size_one(plan, contraction, sizes, evidence)
    assumptions = tuple(
        _with_proof(each, plan, contraction, sizes) for each in (*plan.assumptions, *more)
    )
    objection = plan.objection or next(_objections(plan, contraction, sizes), None)
    return plan._replace(assumptions=assumptions, objection=objection)


def _with_proof(
    assumption: Assumption, plan: RewritePlan, contraction: Contraction, sizes: SizeTable
) -> Assumption:
    roles = contraction.roles
    if assumption.is_proved:
        return assumption
    if assumption.name == EQUAL_SIZES and _is_product(roles.contracted, sizes):
        return assumption._replace(proved_by=_evidence(roles.contracted, sizes))
    if assumption.name == BATCH_SIZES_EQUAL and all(map(sizes.has_one_size, roles.batch)):
        return assumption._replace(proved_by=_evidence(roles.batch, sizes))
    if assumption.name == NOT_SLOWER and speed(plan.expression, sizes) is Speed.NOT_SLOWER:
        evidence = _evidence(contraction.equation.labels, sizes)
        measured = evidence._replace(text=f"measurements at such sizes, known from {evidence.text}")
        return assumption._replace(proved_by=measured)
    return assumption


def _of_size_one(
    plan: RewritePlan,
    contraction: Contraction,
    sizes: SizeTable,
    evidence: Mapping[str, Evidence],
) -> Iterator[Assumption]:
    """What `@` needs where einsum multiplies, because no contracted axis is longer than 1."""
    contracted = contraction.roles.contracted
    names = {each.name for each in plan.assumptions}
    is_one = contracted and all(_shows_size_one(each, sizes) for each in contracted)
    if EQUAL_SIZES not in names or not is_one:
        return
    text = "the operands have one dtype: einsum uses `*` for size 1, which promotes"
    same = Assumption(EQUAL_DTYPES, text)
    outside = no_autocast("einsum keeps the dtype for size 1 and `@` casts")
    layout = Assumption(
        SAME_LAYOUT, "nobody depends on the strides, which `*` takes from the operands"
    )
    for each in (same, outside, layout):
        if each.name not in names:
            yield each._replace(proved_by=evidence.get(each.name))


def _shows_size_one(label: str, sizes: SizeTable) -> bool:
    """Whether an axis of the label is 1: then all are, where `@` does not raise."""
    return any(place.axis.size == 1 for place in sizes.places_of(label))


def _is_product(contracted: Subscripts, sizes: SizeTable) -> bool:
    """Whether einsum uses a matrix product as `@` does, and no contracted axis broadcasts."""
    return all(sizes.has_one_size(each) and sizes.number(each) != 1 for each in contracted)


def _objections(plan: RewritePlan, contraction: Contraction, sizes: SizeTable) -> Iterator[str]:
    names = {each.name for each in plan.assumptions}
    if EQUAL_SIZES in names:
        for label in _broadcasting(contraction.roles.contracted, sizes):
            yield f"`{label}` broadcasts from size 1, where `@` raises"
        yield from broadcast_objections(plan, contraction, sizes)
    if NOT_SLOWER in names and speed(plan.expression, sizes) is Speed.SLOWER:
        text = "`@` copies the left matrix for every batch"
        yield f"at these sizes {text}, and is slower without gradients"


def _broadcasting(labels: Subscripts, sizes: SizeTable) -> Iterator[str]:
    """The labels that have size 1 in one operand and another number in the other."""
    for label in labels:
        numbers = {place.axis.size for place in sizes.places_of(label)}
        if 1 in numbers and any(isinstance(each, int) and each != 1 for each in numbers):
            yield label


def _evidence(labels: Subscripts, sizes: SizeTable) -> Evidence:
    """The texts of the axes of all labels, without repeats, and the first place."""
    places = [place for label in labels for place in sizes.places_of(label)]
    texts = dict.fromkeys(place.axis.text for place in places if place.axis.text)
    offsets = (place.axis.offset for place in places if place.axis.offset is not None)
    return Evidence(" and ".join(texts) or "the number of axes", next(offsets, None))
