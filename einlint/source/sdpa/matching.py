"""From the product with the values down to query and key, and the role of every axis."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.source.sdpa.axes import (
    axis_of,
    behind,
    below,
    exchanges_first_two,
    exchanges_second_and_third,
    is_spread,
    obstacle_of_axis,
    spread,
    taken_axes,
    turn_of,
    view_of,
)
from einlint.source.sdpa.of_scores.casts import joined
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import AFTER, BETWEEN, Chain, Search, Step, is_of_self, name_of_step
from einlint.source.sdpa.values import is_held, is_named_learned
from einlint.source.terms import (
    APPLY,
    CALL,
    CHOICE,
    PRODUCT,
    Term,
)

_FOURTH: Final = 3
QUERY: Final = "query"
KEY: Final = "key"
FEATURE: Final = "feature"
VALUE: Final = "value"


@dataclass(frozen=True, slots=True)
class Operand:
    """One of query, key and value: an operand of a product, and its axes.

    place: which operand of the product it is.
    """

    product: Term
    place: int
    labels: Subscripts

    @property
    def term(self) -> Term:
        """What it is."""
        return self.product.operands[self.place]

    def taken_axes(self, read: Read) -> int | None:
        """How many axes it is taken to have, if only its transposition tells it; else None."""
        view = view_of(self.term)
        rank = read.rank(self.term, self.product)
        return None if view is None else taken_axes(view, self.labels, rank)


@dataclass(frozen=True, slots=True)
class Matched:
    """An attention: its two products, and what lies between.

    batch: the labels of its other axes, in the order in which the scores have them; the axes of
        query and key, of features and of values are called QUERY, KEY, FEATURE and VALUE.
    output: the labels of what the second product makes.
    is_upright: whether the scores have the axes of query and key last, in this order, wherever
        something is done to them.
    turns: the view that brings what lies on the scores in front of each step into the order of the
        call, as text: empty if it is in this order, None if there is none.
    obstacle: why its axes are none that one call takes; empty if they are.
    """

    scores: Chain
    softmax: Term
    weights: Chain
    product: Term
    query: Operand
    key: Operand
    value: Operand
    batch: Subscripts
    output: Subscripts
    is_upright: bool = True
    turns: tuple[str | None, ...] = ()
    obstacle: str = ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """All that lies between the operands and the result."""
        base = self.weights.base
        sides = base.operands[1:] if base.operator == CHOICE else ()
        return (*self.scores.terms, *sides, *self.weights.terms, self.product)

    @property
    def key_axes(self) -> set[int]:
        """The axis of the keys wherever something is done to the scores, as it may be counted."""
        axis = axis_of(self.softmax)
        is_moved = any(each.step in (Step.VIEW, Step.RESHAPE) for each in self.scores.steps)
        return {*([] if axis is None or is_moved else [axis]), *([-1] if self.is_upright else [])}


def matches(read: Read) -> Iterator[Matched]:
    """Every attention of a function."""
    softmaxes = Search(is_softmax, AFTER)
    inner = Search(_is_product, BETWEEN, read.forgotten, joined)
    products = Search(lambda term: _makes_scores(term, inner), BETWEEN, read.forgotten, joined)
    for product in tuple(read.users):
        is_written = product in read.recorder.places and product in read.recorder.nodes
        if not _is_product(product) or not is_written:
            continue
        for place in (0, 1):
            ways = _ways(softmaxes.chain(product.operands[place]), products, read)
            found = (_roles(read, *way, product, place) for way in ways)
            first = next((each for each in found if each is not None), None)
            if first is not None:
                yield first
                break


def _ways(weights: Chain | None, products: Search, read: Read) -> Iterator[tuple[Chain, Chain]]:
    """The ways down to the scores and to the softmax; branches may have two of either."""
    while weights is not None:
        scores = products.chain(_input(weights.base, read))
        while scores is not None:
            yield scores, weights
            scores = scores.instead
        weights = weights.instead


def is_softmax(term: Term) -> bool:
    """Whether it is a softmax, torch's or another's; both branches may have one."""
    if term.operator == CHOICE:
        return _are_alike(*term.operands[1:])
    name = name_of_step(term)
    if name == "softmax":
        return bool(term.positional)
    if term.operator == APPLY:
        return name == "Softmax" and len(term.operands) == 2
    is_call = (term.operator == CALL or is_of_self(term)) and "softmax" in name.lower()
    return is_call and bool(term.operands) and not {"log", "gumbel"} & {*name.lower().split("_")}


def _are_alike(one: Term, other: Term) -> bool:
    """Whether both are the same softmax of two values."""
    if one.operator == CHOICE or one.operator != other.operator:
        return False
    if not (is_softmax(one) and is_softmax(other)):
        return False
    if one.operator == APPLY:
        return one.operands[0] is other.operands[0]
    pairs = zip(one.operands[1:], other.operands[1:], strict=False)
    is_same = all(a.operator == b.operator and a.detail == b.detail for a, b in pairs)
    is_known = one.operator == "softmax" and not any(each.operands for each in one.operands[1:])
    given = [(each.names, len(each.operands)) for each in (one, other)]
    return is_same and is_known and given[0] == given[1]


def _input(softmax: Term, read: Read) -> Term:
    """What the softmax is taken of; of two branches, what either takes it of."""
    if softmax.operator != CHOICE:
        return input_of(softmax)
    test, *sides = softmax.operands
    one, other = map(input_of, sides)
    if one is other:
        return one
    both = Term(CHOICE, (test, one, other), line=softmax.line)
    recorder = read.recorder
    if softmax in recorder.nodes:
        recorder.nodes[both] = recorder.nodes[softmax]
    return both


def input_of(softmax: Term) -> Term:
    """What the softmax is taken of."""
    is_second = softmax.operator == APPLY or is_of_self(softmax)
    return softmax.operands[min(is_second, len(softmax.operands) - 1)]


def _is_product(term: Term) -> bool:
    is_one = term.operator == PRODUCT and len(term.operands) == 2
    return is_one and isinstance(term.detail, Equation)


def _makes_scores(term: Term, inner: "Search") -> bool:
    """Whether it is the product of query and key, and not of scores and what mixes their heads.

    inner: finds a product below a value.
    """
    if not _is_product(term):
        return False
    others = [each for each in term.operands if not is_held(each)]
    # A learned query has something else beside it than scores.
    return len(others) == 2 or (len(others) == 1 and inner.chain(others[0]) is None)


def _roles(read: Read, scores: Chain, weights: Chain, product: Term, place: int) -> Matched | None:
    """The role of every axis; None where it is no attention."""
    first = scores.base.detail
    assert isinstance(first, Equation)
    rank = read.rank(scores.base, scores.base)
    if any(each.operator == "t" for each in scores.base.operands):
        rank = 2  # torch turns nothing else
    layouts = _layouts(scores, spread(first.output, rank), rank)
    axes = layouts[-1]
    ends = _Ends(scores, weights, product, place)
    axis = axis_of(ends.softmax)
    if axis is None:
        return _blocked(ends, obstacle_of_axis(ends.softmax, rank))
    if axes is None:
        return _blocked(ends, _LAYOUT)
    if axis > 0 and any(each.step is Step.RESHAPE for each in scores.steps):
        axis = -1  # nobody knows which one that was, counted from the left; it is the last one
    is_three = axis == 2 and exchanges_second_and_third(scores.base.operands[1])
    least = _least_rank(scores.base, read) or 3 * is_three
    if ELLIPSIS in axes and 0 <= axis < least - 1:
        return None  # it is not over the last axis
    if ELLIPSIS in axes and axis == least - 1:
        axis = -1
    is_open = _is_open(axes, axis)
    if is_open and not (axis == 1 and any(map(exchanges_first_two, scores.base.operands))):
        return _blocked(ends, _OPEN)
    over = _over(axes, -1 if is_open else axis)
    axes = _layouts(weights, axes, rank)[-1]
    if axes is None or over is None:
        return _blocked(ends, _LAYOUT)
    found = _named(ends, axes, over)
    if found is None or found.obstacle:
        return found
    row = first.inputs[found.query.place][found.query.labels.index(QUERY)]
    turns = tuple(turn_of(each, row, over, found.batch) for each in layouts)
    is_upright = not any(turns) and None not in turns
    # With an open axis the query may have more axes, and then the softmax is over the rows.
    obstacle = _OPEN if is_open else ""
    return replace(found, is_upright=is_upright, turns=turns, obstacle=obstacle)


def _layouts(chain: Chain, axes: Subscripts | None, rank: int | None) -> list[Subscripts | None]:
    """The axes in front of the steps of a chain, and behind each."""
    found = [axes]
    for each in chain.steps:
        axes = _behind(each.term, axes, rank) if each.step is Step.VIEW else axes
        found.append(axes)
    return found


def _behind(term: Term, labels: Subscripts | None, rank: int | None) -> Subscripts | None:
    view = view_of(term)
    return None if view is None or labels is None else behind(view, labels, rank)


def _least_rank(product: Term, read: Read) -> int:
    """How many axes a product has at least; 0 where nothing is known."""
    ranks = (read.rank(each, product) for each in product.operands)
    return max((each for each in ranks if each is not None), default=0)


def _is_open(axes: Subscripts, axis: int) -> bool:
    """Whether an axis that is counted from the left may be any; the fourth one is the last."""
    return ELLIPSIS in axes and 0 <= axis < _FOURTH


def _over(axes: Subscripts, axis: int) -> str | None:
    if ELLIPSIS in axes:
        if axis >= 0:
            return axes[-1] if axis == _FOURTH else None
        return axes[axis] if -axis <= len(axes) - axes.index(ELLIPSIS) - 1 else None
    return axes[axis] if -len(axes) <= axis < len(axes) else None


@dataclass(frozen=True, slots=True)
class _Ends:
    """The two ways down, and the product with the values; place: of the weights in it."""

    scores: Chain
    weights: Chain
    product: Term
    place: int

    @property
    def softmax(self) -> Term:
        """The softmax, or that of one branch where the other has the same."""
        base = self.weights.base
        return base.operands[1] if base.operator == CHOICE else base

    def matched(
        self, operands: tuple[Operand, Operand, Operand], batch: Subscripts, output: Subscripts
    ) -> Matched:
        """The attention with these operands."""
        ends = self.scores, self.softmax, self.weights, self.product
        return Matched(*ends, *operands, batch, output)


def _blocked(ends: _Ends, obstacle: str) -> Matched | None:
    base, product = ends.scores.base, ends.product
    operands = Operand(base, 0, ()), Operand(base, 1, ()), Operand(product, 1 - ends.place, ())
    found = replace(ends.matched(operands, (), ()), obstacle=obstacle)
    return None if _is_silent(found) else found


def _named(ends: _Ends, axes: Subscripts, over: str) -> Matched | None:
    first, second = ends.scores.base.detail, ends.product.detail
    assert isinstance(first, Equation)
    assert isinstance(second, Equation)
    mine, theirs = second.inputs[ends.place], second.inputs[1 - ends.place]
    if ELLIPSIS in axes and ELLIPSIS not in mine:
        axes = spread(axes, len(mine))
    back = _aligned(axes, mine)
    if back is None:
        return _blocked(ends, _LAYOUT)
    values, output = (
        tuple(back.get(each, f"new {each}") for each in labels)
        for labels in (theirs, second.output)
    )
    if over in output or over not in values:
        return None  # the softmax is over another axis than the sum
    left, right = first.inputs
    if (over in left) == (over in right):
        return None  # heads are mixed, or it is something else
    place = 0 if over in right else 1
    queries, keys = first.inputs[place], first.inputs[1 - place]
    summed = [each for each in queries if each in keys and each not in first.output]
    rows = [each for each in axes if each in queries and each not in {over, *keys, *values}]
    made = [each for each in values if each not in axes and each != ELLIPSIS]
    rows = [each for each in rows if not is_spread(each)]
    if not rows and all(each in keys and each in values for each in axes if each != over):
        return None  # one query: a pooling, or a gate
    is_summed_alone = _is_summed_alone(first) or _is_summed_alone(second)
    if is_summed_alone or not rows or len(summed) != 1 or len(made) != 1 or made[0] not in output:
        return _blocked(ends, _LAYOUT)
    names = {rows[-1]: QUERY, over: KEY, summed[0]: FEATURE, made[0]: VALUE}
    batch = tuple(each for each in axes if each not in names)
    operands = (
        Operand(ends.scores.base, place, _renamed(queries, names)),
        Operand(ends.scores.base, 1 - place, _renamed(keys, names)),
        Operand(ends.product, 1 - ends.place, _renamed(values, names)),
    )
    found = ends.matched(operands, batch, _renamed(output, names))
    if _is_silent(found):
        return None
    is_kept = ELLIPSIS in output or all(each in output for each in batch)
    return found if QUERY in found.output and is_kept else replace(found, obstacle=_LAYOUT)


_LAYOUT: Final = "its axes are not those of one call"
_OPEN: Final = "which axis the softmax is taken over is not known"


def _is_summed_alone(equation: Equation) -> bool:
    """Whether an axis of one operand is summed, and the other does not have it."""
    one, other = map(set, equation.inputs)
    return bool((one ^ other) - {*equation.output})


def _renamed(labels: Subscripts, names: dict[str, str]) -> Subscripts:
    return tuple(names.get(each, each) for each in labels)


def _aligned(axes: Subscripts, mine: Subscripts) -> dict[str, str] | None:
    """The axes of the weights by what the second product calls them."""
    if ELLIPSIS in mine and ELLIPSIS not in axes:
        at = mine.index(ELLIPSIS)
        many = len(axes) - len(mine) + 1
        if many < 0:
            return None
        mine = (*mine[:at], *axes[at : at + many], *mine[at + 1 :])
    is_one = len(set(axes)) == len(axes) == len(mine) == len(set(mine))
    return dict(zip(mine, axes, strict=True)) | {ELLIPSIS: ELLIPSIS} if is_one else None


def _is_silent(found: Matched) -> bool:
    """Whether it is a gate, a codebook or a clustering that has the form of attention."""
    key, value = found.key, found.value
    is_routing = key.term is value.term and is_held(found.query.term)
    batch, many = {*found.batch}, {ELLIPSIS, *key.labels}
    is_codebook = bool(batch) and ELLIPSIS not in key.labels and batch.isdisjoint(many)
    query, *both = (below(each.term) for each in (found.query, key, value))
    # One matrix, to which the rows of another are assigned: prototypes, relations, clusters.
    is_table = not batch and both[0] is both[1] is not query
    is_named = batch <= {ELLIPSIS} and any(map(is_named_learned, both))
    is_known = is_named or is_held(key.term) or is_held(value.term)
    return is_known or is_routing or is_codebook or is_table
