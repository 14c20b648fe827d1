"""The text of `einlint explain`: kind, indices, cost and replacement of an equation."""

from collections.abc import Iterator, Mapping
from typing import Final

from einlint.algebra.contraction import Contraction, contraction_of
from einlint.algebra.cost import Cost, best_cost, left_to_right_cost
from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts, parse
from einlint.algebra.nouns import noun
from einlint.algebra.roles import role_of
from einlint.algebra.size_table import SizeTable, size_table
from einlint.algebra.sizes import Axis
from einlint.rewriting.assumptions import GRANTED_BY_DEFAULT, PURE_OPERANDS, Evidence
from einlint.rewriting.choose import best_plan, unmet
from einlint.rewriting.dialects.style import Style
from einlint.rewriting.dialects.text import operand_names
from einlint.rewriting.dialects.torch import spell
from einlint.rewriting.plan import RewritePlan
from einlint.rewriting.targets.matmul import REWRITE as MATMUL

ITEM_SIZES: Final = {
    "float64": 8,
    "float32": 4,
    "bfloat16": 2,
    "float16": 2,
    "complex64": 8,
    "complex128": 16,
    "int64": 8,
    "int32": 4,
    "uint8": 1,
}
"""Bytes per element, by the name of the dtype."""

_ROLE_TEXTS: Final = {
    "batch": ("batch", "in several operands, kept"),
    "contracted": ("contracted", "in several operands, summed over"),
    "free_left": ("free left", "in the first operand only, kept"),
    "free_right": ("free right", "in a later operand only, kept"),
    "summed": ("summed", "in one operand only, summed over"),
    "diagonal": ("diagonal", "repeated within an operand"),
}


class SizeError(ValueError):
    """A size is given for an index that the equation does not have."""


def explanation(text: str, sizes: Mapping[str, int], dtype: str) -> str:
    """Explain an equation.

    Args:
        text: the equation.
        sizes: sizes of some or all indices; an ellipsis counts as one axis.
        dtype: a key of ITEM_SIZES.

    Raises:
        EquationError: torch rejects the equation.
        SizeError: `sizes` has an index that the equation does not have.
    """
    contraction = contraction_of(parse(text))
    unknown = sorted(set(sizes) - set(contraction.equation.labels))
    if unknown:
        raise SizeError(f"`{text}` has no index `{unknown[0]}`")
    named = {PURE_OPERANDS: Evidence("the operands are names")}
    plan = best_plan(contraction, named, GRANTED_BY_DEFAULT, _table(contraction.equation, sizes))
    names = operand_names(len(contraction.equation.inputs))
    replacement = spell(plan.expression, names, Style(), "torch").source if plan else ""
    parts = (
        _headline(contraction),
        _indices(contraction, sizes),
        _costs(contraction.equation, sizes, dtype),
        _replacement(plan, replacement),
        _checklist(contraction, plan, replacement),
    )
    return "\n".join(line for part in parts for line in (*part, ""))


def _table(equation: Equation, sizes: Mapping[str, int]) -> SizeTable:
    """The size table of operands with these sizes."""
    shapes = [
        tuple(Axis(sizes.get(label), f"--size {label}") for label in term)
        for term in equation.inputs
    ]
    return size_table(equation, shapes)


def _headline(contraction: Contraction) -> Iterator[str]:
    yield f"{contraction.equation} is {noun(contraction)} ({contraction.kind})"


def _indices(contraction: Contraction, sizes: Mapping[str, int]) -> Iterator[str]:
    yield "Indices"
    for label in contraction.equation.labels:
        name, meaning = _ROLE_TEXTS[role_of(label, contraction.roles)]
        size = f", size {sizes[label]}" if label in sizes else ""
        yield f"  {label:<3}  {name:<10}  {meaning}{size}"


def _costs(equation: Equation, sizes: Mapping[str, int], dtype: str) -> Iterator[str]:
    yield "Cost"
    shapes = ", ".join(_shape(term, sizes) for term in equation.inputs)
    yield f"  shapes      {shapes} -> {_shape(equation.output, sizes)}"
    missing = [label for label in equation.labels if label not in sizes]
    if missing:
        example = ",".join(f"{label}=..." for label in missing)
        yield f"  FLOPs and bytes need the other sizes: --size {example}"
        return
    cost = left_to_right_cost(equation, sizes)
    itemsize = ITEM_SIZES[dtype]
    yield f"  FLOPs       {cost.flops:,}{_order(equation)}"
    yield f"  bytes       {cost.elements * itemsize:,} ({dtype}, every operand read once)"
    yield f"  intensity   {cost.intensity(itemsize):.2f} FLOPs a byte"
    if len(equation.inputs) > 2:
        yield from _orders(equation, sizes, cost)


def _order(equation: Equation) -> str:
    return " (from left to right)" if len(equation.inputs) > 2 else ""


def _orders(equation: Equation, sizes: Mapping[str, int], cost: Cost) -> Iterator[str]:
    yield f"  largest     {cost.largest_intermediate:,} elements in an intermediate"
    best = best_cost(equation, sizes)
    if best is not None:
        yield f"  best order  {best.flops:,} FLOPs, {best.largest_intermediate:,} elements"


def _shape(labels: Subscripts, sizes: Mapping[str, int]) -> str:
    axes = ", ".join(str(sizes.get(label, label)) for label in labels)
    return f"({axes},)" if len(labels) == 1 else f"({axes})"


def _replacement(plan: RewritePlan | None, text: str) -> Iterator[str]:
    yield "Replacement (operands named a, b, ...)"
    if plan is None:
        yield "  none: keep einsum"
        return
    if plan.objection is not None:
        yield f"  keep einsum: {plan.objection}"
    elif not plan.is_simpler:
        yield "  keep einsum, it reads better than"
    yield f"  {text}"
    open_names = {assumption.name for assumption in unmet(plan.assumptions, GRANTED_BY_DEFAULT)}
    for assumption in plan.assumptions:
        safety = "safe if" if assumption.name in open_names else "rests on:"
        yield f"    {safety} {assumption.text} (`{assumption.name}`)"
    for note in plan.notes:
        yield f"    note: {note}"


def _checklist(contraction: Contraction, plan: RewritePlan | None, text: str) -> Iterator[str]:
    yield "Checklist"
    is_simple = plan is not None and plan.is_simpler
    if is_simple and contraction.kind in MATMUL.kinds:
        product = f"yes (matmul, bmm): {text}"
    else:
        product = f"no, it is {noun(contraction)}"
    yield f"  a simple product?         {product}"
    yield f"  a complex contraction?    {'no' if is_simple else 'yes: keep einsum'}"
    yield "  about speed or memory?    measure both on your sizes first, rewrite if it pays"
    if ELLIPSIS in contraction.roles.batch:
        yield "  batch axes in `...`?      yes: `@` may be slower where they broadcast"
    elif is_simple and contraction.roles.batch and contraction.kind in MATMUL.kinds:
        yield "  a batch axis of size 1?   in one operand only: keep einsum, `@` may be far slower"
