"""An explanation as text, as `einlint explain` prints it."""

from collections.abc import Iterator, Mapping
from typing import Final

from einlint.algebra.contraction import ContractionKind
from einlint.algebra.cost import Cost, Flops
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.nouns import noun
from einlint.algebra.order import Factor, steps
from einlint.algebra.roles import ROLE_TEXTS, role_of
from einlint.rewriting.advice import Action
from einlint.rewriting.explanation import Explanation, OtherSpelling, Replacement, explained
from einlint.rewriting.targets.matmul import REWRITE as MATMUL

_ACTIONS: Final = {
    Action.REPLACE: "replace einsum",
    Action.KEEP: "keep einsum",
    Action.UNCHANGED: "nothing to replace",
    Action.WRONG: "torch rejects this call",
}

# Steps of longer orders fill a screen and say little.
_MOST_STEPS: Final = 12


def explanation(text: str, sizes: Mapping[str, int], dtype: str) -> str:
    """The text that explains an equation; arguments and errors as for `explained`."""
    return as_text(explained(text, sizes, dtype))


def as_text(found: Explanation) -> str:
    """The whole explanation, with an empty line behind each part."""
    parts = (_headline, _doubts, _indices, _costs, _orders, _replacement, _others, _checklist)
    written = (list(part(found)) for part in parts)
    return "\n".join(line for lines in written if lines for line in (*lines, ""))


def flops_text(flops: Flops) -> str:
    """FLOPs by what they are spent on."""
    parts = (
        (flops.product, "in products (torch.bmm)"),
        (flops.multiply, "to multiply (*)"),
        (flops.sum, "to sum"),
    )
    return ", ".join(f"{count:,} {what}" for count, what in parts if count) or "0, a view"


def _headline(found: Explanation) -> Iterator[str]:
    advice = found.advice
    yield f"{found.equation} is {_noun(found)} ({found.contraction.kind})"
    is_open = found.replacement is not None and found.replacement.unmet
    doubt = ", but it is not proved safe" if is_open else ""
    yield f"{_ACTIONS[advice.action]}: {advice.reason}{doubt}"


def _noun(found: Explanation) -> str:
    is_same = found.advice.action is Action.UNCHANGED
    return "the operand itself" if is_same else noun(found.contraction)


def _doubts(found: Explanation) -> Iterator[str]:
    if found.oversights:
        yield "Is this meant?"
        for each in found.oversights:
            yield f"  {each.code}  {each.text}"


def _indices(found: Explanation) -> Iterator[str]:
    yield "Indices"
    for label in found.equation.labels:
        name, meaning = ROLE_TEXTS[role_of(label, found.contraction.roles)]
        size = f", size {found.sizes[label]}" if label in found.sizes else ""
        yield f"  {label:<3}  {name:<10}  {meaning}{size}"


def _costs(found: Explanation) -> Iterator[str]:
    equation, cost = found.equation, found.cost
    if found.advice.action is Action.WRONG:
        return
    yield "Cost"
    shapes = ", ".join(_shape(term, found.sizes) for term in equation.inputs)
    yield f"  shapes      {shapes} -> {_shape(equation.output, found.sizes)}"
    if cost is None:
        yield f"  FLOPs and bytes need the other sizes: {_missing(found)}"
        return
    order = " (from left to right)" if len(equation.inputs) > 2 else ""
    yield f"  FLOPs       {flops_text(cost.flops)}{order}"
    model = "a model: every operand is read once, the result written once"
    yield f"  bytes       {found.bytes:,} in {found.dtype} ({model})"
    yield f"  intensity   {cost.flops.total / (found.bytes or 1):.2f} FLOPs a byte of that model"


def _missing(found: Explanation) -> str:
    return f"--size {','.join(f'{label}=...' for label in found.missing)}"


def _orders(found: Explanation) -> Iterator[str]:
    """The order of three and more operands."""
    if len(found.equation.inputs) < 3 or found.advice.action is Action.WRONG:
        return
    yield "Order of the operands"
    if found.cost is None:
        yield f"  the best one depends on the sizes: {_missing(found)}"
    else:
        yield from _compared(found, found.cost)
    yield "  torch takes the order that opt_einsum finds, where opt_einsum is installed and"
    yield "  torch.backends.opt_einsum.enabled is true; otherwise left to right"


def _compared(found: Explanation, written: Cost) -> Iterator[str]:
    count, best = written.flops.total, found.best
    yield f"  left to right  {_priced(written)}"
    if best is None:
        yield f"  others         not searched: {len(found.equation.inputs)} operands are too many"
        return
    noun = "the best" if best.is_exact else "a good one"
    if best.cost.flops.total == count:
        yield f"  {noun:<13}  left to right"
        return
    yield f"  {noun:<13}  {_priced(best.cost)}"
    yield from _steps(best.cost, found)


def _priced(cost: Cost) -> str:
    largest = cost.largest_intermediate
    return f"{cost.flops.total:,} FLOPs, {largest:,} elements in the largest intermediate"


def _steps(cost: Cost, found: Explanation) -> Iterator[str]:
    if len(found.equation.inputs) > _MOST_STEPS:
        return
    for number, step in enumerate(steps(cost, found.equation)):
        word = "then" if number else "first"
        sides = f"{_factor(step.left, found)} with {_factor(step.right, found)}"
        yield f"    {word:<5} {sides} -> {''.join(step.labels)}: {step.flops:,} FLOPs"


def _factor(factor: Factor, found: Explanation) -> str:
    labels = "".join(factor.labels)
    if factor.number is None:
        return labels or "the scalar"
    return f"{labels} ({found.called[factor.number - 1]})"


def _shape(labels: Subscripts, sizes: Mapping[str, int]) -> str:
    axes = ", ".join(str(sizes.get(label, label)) for label in labels)
    return f"({axes},)" if len(labels) == 1 else f"({axes})"


def _replacement(found: Explanation) -> Iterator[str]:
    if found.replacement is not None:
        yield f"Replacement{_named(found)}"
        yield f"  {found.replacement.text}"
        yield from _terms(found.replacement)


def _named(found: Explanation) -> str:
    return "" if found.has_own_operands else " (operands named a, b, ...)"


def _terms(replacement: Replacement) -> Iterator[str]:
    """What the replacement rests on."""
    for each in replacement.assumptions:
        if each.name in replacement.unmet:
            yield f"    safe if {each.condition}"
        elif each.proved_by and each.is_proved:
            yield f"    proved: {each.text} (`{each.name}`): {each.proved_by.text}"
        else:
            yield f"    granted: {each.text} (`{each.name}`)"
    for note in replacement.notes:
        yield f"    note: {note}"


def _others(found: Explanation) -> Iterator[str]:
    if found.others:
        yield f"Other spellings, where einsum cannot be used{_named(found)}"
        for each in found.others:
            yield from _other(each)


def _other(spelling: OtherSpelling) -> Iterator[str]:
    yield f"  {spelling.text}{'  (reads worse)' if spelling.reads_worse else ''}"
    if spelling.condition:
        yield f"    if: {spelling.condition}"


def _checklist(found: Explanation) -> Iterator[str]:
    yield "Checklist"
    yield from (f"  {question:<24}  {answer}" for question, answer in checklist(found))


def checklist(found: Explanation) -> Iterator[tuple[str, str]]:
    """Questions that reviewers ask of an einsum call, and their answers."""
    kind, replacement = found.contraction.kind, found.replacement
    action = found.advice.action
    is_product = kind in MATMUL.kinds
    if not is_product:
        product = f"no, it is {_noun(found)}"
    elif replacement is not None:
        product = f"yes (matmul, bmm): {replacement.text}"
    else:
        product = f"{noun(found.contraction)}, but {_ACTIONS[action]}"
        if action is Action.KEEP:
            product += f": {found.advice.reason}"
    yield "a simple product?", product
    is_complex = kind is ContractionKind.COMPLEX
    kept = "yes" if action is Action.WRONG else "yes: keep einsum"
    yield "a complex contraction?", kept if is_complex else "no"
    yield "about speed or memory?", "measure both on your sizes first, rewrite if it pays"
    if ELLIPSIS in found.contraction.roles.batch:
        yield "batch axes in `...`?", "yes: `@` may be slower where they broadcast"
    elif replacement is not None and found.contraction.roles.batch and is_product:
        yield "a batch axis of size 1?", "if in one operand only, `@` may be far slower"
