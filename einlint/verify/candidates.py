"""Every spelling of an equation that its labels prove right, as texts over names of operands.

The plans of all targets, `torch.tensordot`, products of merged axes, and multiplying and summing.
Where a product has the ranks for it, the same with `torch.mm`, `mv`, `dot`, `bmm` and `linear`. A
repeated index becomes a diagonal first, and an index of one operand is summed first. Three operands
are multiplied in pairs, in each of the three orders.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain
from math import prod
from typing import Any, Final

from einlint.algebra.contraction import Contraction, contraction_of
from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.algebra.expression import (
    BatchMatMul,
    Diagonal,
    Expression,
    Flatten,
    MatMul,
    Multiply,
    Operand,
    Sum,
    Unflatten,
)
from einlint.algebra.labels import UNIT, LabelError, split
from einlint.algebra.proof import computes
from einlint.rewriting.choose import plans
from einlint.rewriting.dialects.style import MatmulStyle, Style, TransposeStyle
from einlint.rewriting.dialects.text import operand_names
from einlint.rewriting.dialects.torch import spell
from einlint.rewriting.layout import permuted
from einlint.rewriting.other_spellings import batched_products, merged_product, tensordot
from einlint.rewriting.plan import views
from einlint.rewriting.targets.multiply import aligned

_MODULE: Final = "torch"
_MATMUL: Final = "torch.matmul("
_LINEAR: Final = "torch.nn.functional.linear"
# More operands have no names of one letter, and nobody reads their product.
_MOST_OPERANDS: Final = 26
# A tensor between two operations may have so many elements, or so many times those of the largest
# operand or result: to fill more memory takes longer than any spelling can save.
_MOST_ELEMENTS: Final = 2**24
_MOST_TIMES: Final = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that computes an equation.

    products: the labels of what its operations on two tensors give, the result included.
    """

    text: str
    products: tuple[Subscripts, ...] = ()

    def excess(self, equation: Equation, sizes: Mapping[str, int]) -> str | None:
        """Why it is not worth a run at some sizes: a huge tensor on the way; None if it is.

        An index without a size counts as 1.
        """
        terms = (*equation.inputs, equation.output)
        largest = max(_elements(term, sizes) for term in terms)
        needed = max((_elements(labels, sizes) for labels in self.products), default=0)
        if needed <= max(_MOST_ELEMENTS, _MOST_TIMES * largest):
            return None
        ratio = f"{needed // largest:,} times as large as the largest operand or result"
        return f"not run: it makes a tensor {ratio}"


def candidates_of(equation: Equation) -> tuple[Candidate, ...]:
    """All spellings over a, b, ... but einsum itself: those with the fewest views first."""
    if len(equation.inputs) > _MOST_OPERANDS:
        return ()
    found: dict[str, Candidate] = {}
    for expression in sorted(_proved(equation), key=views):
        products = tuple(node.labels for node in _nodes(expression) if len(node.parts) == 2)
        for text in _texts(expression, len(equation.inputs)):
            found.setdefault(text, Candidate(text, products))
    return tuple(found.values())


def other_candidates(equation: Equation, texts: Sequence[str]) -> tuple[Candidate, ...]:
    """The spellings of an equation that are none of these texts."""
    known = set(map(_normal, texts))
    return tuple(each for each in candidates_of(equation) if _normal(each.text) not in known)


def _normal(text: str) -> str:
    return ast.unparse(ast.parse(text, mode="eval"))


def _elements(labels: Subscripts, sizes: Mapping[str, int]) -> int:
    return prod(sizes.get(label, 1) for label in split(labels) if label != UNIT)


def _nodes(expression: Expression) -> Iterator[Expression]:
    yield expression
    for part in expression.parts:
        yield from _nodes(part)


def _proved(equation: Equation) -> Iterator[Expression]:
    """Every expression that computes the equation; the same one may come twice."""
    for expression in chain(_expressions(equation), _in_pairs(equation)):
        is_right = computes(expression, equation.inputs, equation.output)
        if is_right and not isinstance(expression, Operand):
            yield expression


def _expressions(equation: Equation) -> Iterator[Expression]:
    """Those of the plain equation, over operands without repeated indices and lonely sums."""
    leaves = tuple(_plain(equation, place) for place in range(len(equation.inputs)))
    plain = Equation(tuple(leaf.labels for leaf in leaves), equation.output)
    for expression in _plain_expressions(contraction_of(plain)):
        yield _with_leaves(expression, leaves)
    if plain != equation:
        yield from (plan.expression for plan in plans(contraction_of(equation)))


def _plain_expressions(contraction: Contraction) -> Iterator[Expression]:
    yield from (plan.expression for plan in plans(contraction))
    found = (tensordot(contraction), merged_product(contraction))
    yield from (each.expression for each in found if each is not None)
    yield from batched_products(contraction)
    yield from _multiplied(contraction)
    (first, *others) = contraction.operands
    if not others and sorted(first.labels) == sorted(contraction.equation.output):
        yield permuted(first, contraction.equation.output)


def _multiplied(contraction: Contraction) -> Iterator[Expression]:
    """Multiply all operands over all axes, then sum."""
    equation = contraction.equation
    lost = tuple(label for label in equation.labels if label not in equation.output)
    try:
        factors = [aligned(each, (*equation.output, *lost)) for each in contraction.operands]
        product = reduce(Multiply, factors[1:], factors[0])
    except LabelError:
        return
    if ELLIPSIS not in lost:
        yield Sum(product, lost) if lost else product


def _plain(equation: Equation, position: int) -> Expression:
    """An operand with the diagonals of repeated indices, and the sum of those that it alone has."""
    expression: Expression = Operand(position, equation.inputs[position])
    for label, count in Counter(equation.inputs[position]).items():
        for _ in range(count - 1):
            expression = Diagonal(expression, label)
    others = {
        label for place, term in enumerate(equation.inputs) for label in term if place != position
    }
    lonely = tuple(
        label
        for label in expression.labels
        if label not in equation.output and label not in others and label != ELLIPSIS
    )
    return Sum(expression, lonely) if lonely else expression


def _with_leaves(expression: Expression, leaves: Sequence[Expression]) -> Expression:
    """The expression over other expressions in place of its operands."""
    if isinstance(expression, Operand):
        return leaves[expression.position]
    node: Any = expression
    parts = [_with_leaves(part, leaves) for part in expression.parts]
    names = ("source",) if len(parts) == 1 else ("left", "right")
    made: Expression = replace(node, **dict(zip(names, parts, strict=True)))
    return made


def _in_pairs(equation: Equation) -> Iterator[Expression]:
    """For three operands: two of them first, then their product with the third."""
    if len(equation.inputs) != 3:
        return
    for last in (2, 1, 0):
        pair = tuple(place for place in range(3) if place != last)
        terms = tuple(equation.inputs[place] for place in pair)
        needed = {*equation.inputs[last], *equation.output}
        between = tuple(dict.fromkeys(label for term in terms for label in term if label in needed))
        first = _simplest(Equation(terms, between))
        second = _simplest(Equation((between, equation.inputs[last]), equation.output))
        if first is not None and second is not None:
            inner = _with_leaves(first, [_operand(equation, place) for place in pair])
            yield _with_leaves(second, [inner, _operand(equation, last)])


def _operand(equation: Equation, position: int) -> Operand:
    return Operand(position, equation.inputs[position])


def _simplest(equation: Equation) -> Expression | None:
    """The expression with the fewest views; none with merged axes, whose sizes are an operand's."""
    whole = (
        each
        for each in _expressions(equation)
        if not any(isinstance(node, (Flatten, Unflatten)) for node in _nodes(each))
    )
    return min(whole, key=views, default=None)


def _texts(expression: Expression, count: int) -> Iterator[str]:
    """The text with operators, and those with the functions that take these ranks."""
    names = operand_names(count)

    def written(
        each: Expression,
        matmul: MatmulStyle = MatmulStyle.FUNCTION,
        transpose: TransposeStyle = TransposeStyle.T,
    ) -> str:
        text = spell(each, names, Style(matmul, transpose), _MODULE).source
        return " ".join(text.split())

    yield written(expression, MatmulStyle.OPERATOR)
    found = [node for node in _nodes(expression) if isinstance(node, MatMul)]
    if len(found) != 1 or isinstance(found[0], BatchMatMul):
        return
    (product,) = found
    general = written(expression)
    function = _function_of(product)
    if function is not None:
        yield general.replace(_MATMUL, f"{function}(")
    if len(product.right.labels) != 2 or len(product.left.labels) < 2:
        return
    linear = general.replace(_MATMUL, f"{_LINEAR}(")
    for transpose in (TransposeStyle.T, TransposeStyle.TRANSPOSE):
        # As it is written in the whole, which has one spelling for all transpositions.
        before = f", {written(product.right, transpose=transpose)})"
        if linear.count(before) == 1:
            yield linear.replace(before, f", {written(_turned(product.right))})")
            return


def _turned(matrix: Expression) -> Expression:
    """The transposed matrix, without a view where the matrix is one itself."""
    target = matrix.labels[::-1]
    (source,) = matrix.parts if len(matrix.parts) == 1 else (matrix,)
    return source if source.labels == target else permuted(matrix, target)


def _function_of(product: MatMul) -> str | None:
    """The function of torch that takes exactly the ranks of both sides."""
    left, right = product.left.labels, product.right.labels
    if ELLIPSIS in (*left, *right):
        return None
    ranks = len(left), len(right)
    if ranks == (3, 3) and left[0] == right[0] != UNIT:
        return "torch.bmm"
    return {(2, 2): "torch.mm", (2, 1): "torch.mv", (1, 1): "torch.dot"}.get(ranks)
