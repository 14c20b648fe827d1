"""What the operands of a call tell of the sizes of its indices, and what the call costs."""

from einlint.algebra.contraction import Contraction
from einlint.algebra.cost import left_to_right_cost
from einlint.algebra.size_table import SizeTable, size_table
from einlint.rewriting.assumptions import PURE_OPERANDS
from einlint.source.callsite import Arguments, CallSite


def sizes_at(site: CallSite, contraction: Contraction) -> SizeTable | None:
    """The sizes, from the shapes and from operands that are one tensor; None if nothing is known.

    Operands are one tensor where their texts are equal and the evidence says that all of them
    may be evaluated in any order: those are names, attributes and constants.
    """
    arguments, count = site.arguments, len(contraction.equation.inputs)
    names = _names(arguments)
    shapes = arguments.shapes or (None,) * count
    if len(shapes) != count or (not names and not any(shape is not None for shape in shapes)):
        return None
    return size_table(contraction.equation, shapes, names)


def cost_in_words(sizes: SizeTable) -> str | None:
    """FLOPs and the shape of the result, where every size is a number and something is computed."""
    numbers = {label: sizes.number(label) for label in sizes.equation.labels}
    known = {label: number for label, number in numbers.items() if number is not None}
    output = sizes.output()
    if len(known) < len(numbers) or output is None:
        return None
    cost = left_to_right_cost(sizes.equation, known)
    shape = tuple(axis.size for axis in output)
    return f"{cost.flops:,} FLOPs, the result has shape {shape}" if cost.flops else None


def _names(arguments: Arguments) -> tuple[str, ...]:
    """The texts of the operands, where two of them are one tensor."""
    texts = tuple(each.source for each in arguments.operands or ())
    is_pure = PURE_OPERANDS in arguments.evidence
    return texts if is_pure and len(set(texts)) < len(texts) else ()
