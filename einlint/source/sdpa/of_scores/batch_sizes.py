"""The length of a batch axis of scores, where the code shows that query and key have one."""

from collections.abc import Mapping
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.algebra.views import PERMUTE
from einlint.source.sdpa.axes import before, view_of
from einlint.source.sdpa.of_scores.sizes import product_below, size_without_scores
from einlint.source.sdpa.values import is_number
from einlint.source.terms import CONSTANT, ITEM, SIZE, STARRED, TUPLE, Term

_MOST_STEPS: Final = 12
_ALIKE: Final = frozenset({"contiguous", "float", "to", "type_as", "clone"})
_SCALING: Final = frozenset({"mul", "div"})
_AXES: Final = ("axis4", "axis3", "axis2", "axis1")
_SPLIT: Final = frozenset({"view", "reshape"})


def size_of_scores(size: Term) -> Term | None:
    """A length that is asked of scores, asked of query or key; None where that may be another."""
    axis = size.detail
    product = product_below(size.operands[0]) if size.operator == SIZE else None
    equation = None if product is None else product.detail
    if product is None or not isinstance(axis, int) or not isinstance(equation, Equation):
        return None
    if len(product.operands) != 2:
        return None
    rank = _rank(product, equation)
    if rank is not None and axis >= 0:
        axis -= rank
    if axis in (-1, -2):
        return size_without_scores(Term(SIZE, (product,), detail=axis, line=size.line))
    return _batch_size(product, equation, axis, size.line) if axis < 0 else None


def _rank(product: Term, equation: Equation) -> int | None:
    """How many axes scores have, as far as the code shows it."""
    if ELLIPSIS not in equation.output:
        return len(equation.output)
    ranks = [None if each is None else len(each) for each in map(_lengths, product.operands)]
    return ranks[0] if ranks[0] == ranks[1] else None


def sizes_of_scores(shape: Term, count: int) -> tuple[Term, ...]:
    """All lengths of scores with so many axes, asked of query and key; none if one may be other."""
    sizes = (Term(SIZE, shape.operands, detail=at - count, line=shape.line) for at in range(count))
    found = [size_of_scores(each) for each in sizes]
    known = tuple(each for each in found if each is not None)
    return known if len(known) == count else ()


def rank_of_scores(scores: Term) -> int | None:
    """How many axes scores have; None where nothing shows it."""
    product = product_below(scores)
    equation = None if product is None else product.detail
    if product is None or not isinstance(equation, Equation) or len(product.operands) != 2:
        return None
    return _rank(product, equation)


def of_named(size: Term, names: Mapping[str, Term]) -> Term:
    """A length that is asked of what has no name, asked of a view of it that has one."""
    base = size.operands[0]
    if any(each is base for each in names.values()):
        return size
    for term in names.values():
        labels: Subscripts | None = (ELLIPSIS, *_AXES)
        inner = term
        for _ in range(_MOST_STEPS):
            view = view_of(inner)
            labels = None if view is None or labels is None else before(view, labels, None)
            if labels is None:
                break
            inner = inner.operands[0]
            if inner is base and isinstance(size.detail, int) and -len(labels) < size.detail < 0:
                label = labels[size.detail]
                at = _AXES.index(label) if label in _AXES else None
                if at is not None:
                    return Term(SIZE, (term,), detail=at - len(_AXES), line=size.line)
    return size


def _batch_size(product: Term, equation: Equation, axis: int, line: int) -> Term | None:
    """A length of a batch axis, counted from the right, asked of the query."""
    one, other = (_lengths(each) for each in product.operands)
    if one is None or other is None:
        return None
    places = _places(equation, axis, len(one), len(other))
    if places is None or not _is_one_length(one[places[0]], other[places[1]]):
        return None
    query = product.operands[0]
    while query.operator in _SCALING and all(map(is_number, query.operands[1:])):
        query = query.operands[0]
    return Term(SIZE, (query,), detail=places[0], line=line)


def _places(equation: Equation, axis: int, one: int, other: int) -> tuple[int, int] | None:
    """Where both operands, with so many axes, have an axis of the result."""
    if ELLIPSIS in equation.output:
        are_first = all(each[:1] == (ELLIPSIS,) for each in (*equation.inputs, equation.output))
        at = axis + one
        return (at, at) if are_first and one == other and 0 <= at < one - 2 else None
    is_there = -len(equation.output) <= axis < 0
    label = equation.output[axis] if is_there else ""
    if any(label not in each for each in equation.inputs):
        return None
    first, second = equation.inputs
    is_known = len(first) == one and len(second) == other
    return (first.index(label), second.index(label)) if is_known else None


def _is_one_length(one: Term, other: Term) -> bool:
    if one is other:
        return one.integer != -1
    is_alike = one.operator == other.operator and one.detail == other.detail
    if one.operator == SIZE:
        return is_alike and one.operands[0] is other.operands[0]
    return is_alike and one.operator == CONSTANT and one.integer not in (None, -1)


def _lengths(term: Term) -> tuple[Term, ...] | None:
    """The lengths of all axes, as the code computes them; None if it does not show them."""
    order: list[tuple[int, ...]] = []
    for _ in range(_MOST_STEPS):
        view = view_of(term)
        if view is not None:
            order.append((view.name == PERMUTE, *view.axes))
        elif term.operator == ITEM and len(term.operands) == 2 and _is_part(term):
            order.append(())
            if term.operands[0].operator == "unbind":
                term = term.operands[0]
        elif term.operator in _SPLIT:
            sizes = term.operands[1:]
            if len(sizes) == 1 and sizes[0].operator == TUPLE:
                sizes = sizes[0].operands
            if any(each.operator == STARRED for each in sizes):
                return None
            return _arranged(list(sizes), order)
        elif not (
            term.operator in _ALIKE
            or (term.operator in _SCALING and all(map(is_number, term.operands[1:])))
        ):
            return None
        term = term.operands[0]
    return None


def _is_part(term: Term) -> bool:
    """Whether it is one of those along the first axis: `qkv[0]`, or of `qkv.unbind(0)`."""
    owner, index = term.operands
    if owner.operator == "unbind":
        return len(owner.operands) < 2 or owner.operands[1].integer == 0
    return index.integer is not None and owner.operator in (*_SPLIT, "permute", "transpose")


def _arranged(sizes: list[Term], order: list[tuple[int, ...]]) -> tuple[Term, ...] | None:
    """The lengths behind steps, of which the last one is the innermost."""
    for step in reversed(order):
        if not step:
            sizes = sizes[1:]
            continue
        is_permuted, *axes = step
        if is_permuted and len(axes) == len(sizes):
            sizes = [sizes[each] for each in axes]
        elif not is_permuted and all(-len(sizes) <= each < len(sizes) for each in axes):
            one, two = axes
            sizes[one], sizes[two] = sizes[two], sizes[one]
        else:
            return None
    return tuple(sizes)
