"""What `einlint explain` says of an equation, as data: kind, roles, cost, order, replacement."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from einlint.algebra.contraction import Contraction, contraction_of
from einlint.algebra.cost import Cost, left_to_right_cost
from einlint.algebra.equation import Equation, parse
from einlint.algebra.expression import Expression
from einlint.algebra.operand_names import called, letters
from einlint.algebra.order import BestOrder, best_order
from einlint.algebra.oversights import Oversight, oversights
from einlint.algebra.proof import evaluation_order
from einlint.algebra.size_table import SizeTable, size_table
from einlint.algebra.sizes import Axis
from einlint.rewriting.advice import Action, Advice, advice_on
from einlint.rewriting.assumptions import (
    GRANTED_BY_DEFAULT,
    PURE_OPERANDS,
    Assumption,
    Evidence,
)
from einlint.rewriting.choose import best_plan, unmet
from einlint.rewriting.dialects.style import Style
from einlint.rewriting.dialects.text import Text, operand_names
from einlint.rewriting.dialects.torch import UnspellableError, spell
from einlint.rewriting.other_spellings import merged_product, tensordot
from einlint.rewriting.plan import RewritePlan
from einlint.rewriting.sides import Orders, compiled_objection

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

# Longer products are read by nobody, and take a stack frame for each operand.
_MOST_SPELLED: Final = 26


class SizeError(ValueError):
    """A size is given for an index that the equation does not have, or has in another size."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a call besides its equation; the defaults are those of no call at all.

    evidence: assumption name -> its evidence. granted: the assumptions that are granted.
    table: what the code shows of the sizes; None for nothing.
    operands: their texts; None for a, b, ...
    module: the name of torch there; None if it has none.
    permutations: the views that each operand ends in, as in `compiled_objection`.
    rejection: why torch rejects the call; None if it may not.
    prefers_operator: `@` is preferred to `torch.bmm`.
    """

    evidence: Mapping[str, Evidence] = field(
        default_factory=lambda: {PURE_OPERANDS: Evidence("the operands are names")}
    )
    granted: Collection[str] = GRANTED_BY_DEFAULT
    table: SizeTable | None = None
    operands: Sequence[Text] | None = None
    module: str | None = "torch"
    style: Style = field(default_factory=Style)
    permutations: Sequence[Sequence[Orders]] = ()
    rejection: str | None = None
    prefers_operator: bool = False


@dataclass(frozen=True, slots=True)
class Replacement:
    """The text that can stand in place of the call, and what it rests on.

    unmet: those of its assumptions that are neither proved nor granted.
    """

    text: str
    assumptions: tuple[Assumption, ...]
    unmet: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherSpelling:
    """A text that computes the same where einsum cannot be used, and what must hold for it."""

    text: str
    condition: str
    reads_worse: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known of an equation.

    sizes: the known sizes of its indices. cost: from left to right; None if a size is unknown,
    or torch rejects the call.
    best: the best order of three and more operands, if the cost is known and it was searched.
    called: what texts for people call each operand.
    has_own_operands: the texts name the operands of a call, not a, b, ...
    """

    contraction: Contraction
    sizes: Mapping[str, int]
    dtype: str
    cost: Cost | None
    best: BestOrder | None
    advice: Advice
    replacement: Replacement | None
    others: tuple[OtherSpelling, ...]
    oversights: tuple[Oversight, ...]
    called: tuple[str, ...]
    has_own_operands: bool = False

    @property
    def equation(self) -> Equation:
        """The equation, with its output."""
        return self.contraction.equation

    @property
    def missing(self) -> tuple[str, ...]:
        """The indices without a size."""
        return tuple(label for label in self.equation.labels if label not in self.sizes)

    @property
    def bytes(self) -> int | None:
        """The bytes that an ideal kernel moves: a model, as `einlint.algebra.cost` says."""
        return None if self.cost is None else self.cost.elements * ITEM_SIZES[self.dtype]


def explained(text: str, sizes: Mapping[str, int], dtype: str) -> Explanation:
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
    shapes = [
        tuple(Axis(sizes.get(label), f"--size {label}") for label in term)
        for term in contraction.equation.inputs
    ]
    texts = letters(len(shapes))
    around = Surroundings(table=size_table(contraction.equation, shapes, texts=texts))
    return explained_call(contraction, sizes, dtype, around)


def explained_call(
    contraction: Contraction, sizes: Mapping[str, int], dtype: str, around: Surroundings
) -> Explanation:
    """Explain what a call with these surroundings computes; see `explained`.

    Raises:
        SizeError: `sizes` has an index that the equation does not have.
    """
    equation = contraction.equation
    unknown = sorted(set(sizes) - set(equation.labels))
    if unknown:
        raise SizeError(f"`{equation}` has no index `{unknown[0]}`")
    is_rejected = around.rejection is not None
    is_known = not is_rejected and all(label in sizes for label in equation.labels)
    advice, plan = _judged(contraction, around)
    is_worth_it = plan is not None and advice.action is Action.REPLACE
    count = len(equation.inputs)
    texts = letters(count) if around.operands is None else [each.source for each in around.operands]
    has_others = advice.action is Action.KEEP and count <= _MOST_SPELLED
    return Explanation(
        contraction,
        sizes,
        dtype,
        left_to_right_cost(equation, sizes) if is_known else None,
        best_order(equation, sizes) if is_known and count > 2 else None,
        advice,
        _replacement(plan, around) if plan is not None and is_worth_it else None,
        tuple(_others(contraction, plan, around)) if has_others else (),
        tuple(oversights(equation, sizes, texts)),
        called(texts, count),
        around.operands is not None,
    )


def _judged(contraction: Contraction, around: Surroundings) -> tuple[Advice, RewritePlan | None]:
    if around.rejection is not None:
        return Advice(Action.WRONG, around.rejection), None
    is_long = len(contraction.equation.inputs) > _MOST_SPELLED
    given = (around.evidence, around.granted, around.table)
    is_operator = around.prefers_operator
    plan = None if is_long else best_plan(contraction, *given, prefers_operator=is_operator)
    return advice_on(contraction, plan, _objection(plan, around)), plan


def _objection(plan: RewritePlan | None, around: Surroundings) -> str | None:
    if plan is None:
        return None
    return plan.objection or compiled_objection(plan.expression, around.permutations)


def _replacement(plan: RewritePlan, around: Surroundings) -> Replacement:
    missing = tuple(each.name for each in unmet(plan.assumptions, around.granted))
    return Replacement(_text(plan.expression, around), plan.assumptions, missing, plan.notes)


def _others(
    contraction: Contraction, plan: RewritePlan | None, around: Surroundings
) -> Iterator[OtherSpelling]:
    """The plan that is not worth a report, then the tensordot and the product of merged axes."""
    texts = set()
    if plan is not None and _objection(plan, around) is None:
        text = _text(plan.expression, around)
        conditions = "; ".join(each.condition for each in unmet(plan.assumptions, around.granted))
        yield OtherSpelling(text, conditions, not plan.is_simpler)
        texts.add(text)
    product = merged_product(contraction) if plan is None else None
    for each in (tensordot(contraction), product):
        if each is not None and (text := _text(each.expression, around)) not in texts:
            yield OtherSpelling(text, each.condition, each.reads_worse)


def _text(expression: Expression, around: Surroundings) -> str:
    """The expression over the operands of the call, on one line."""
    names = around.operands or operand_names(len(evaluation_order(expression)))
    try:
        text = spell(expression, names, around.style, around.module)
    except UnspellableError:
        text = spell(expression, names, around.style, "torch")  # to be imported first
    return " ".join(text.source.split())
