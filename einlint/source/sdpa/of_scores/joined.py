"""Scores whose rows and columns have two axes each, joined for the softmax, as of images.

`w = einsum("bchw,bcyx->bhwyx", q, k).view(b, h, w, -1).softmax(-1).view(b, h, w, h, w)`: query, key
and values are flattened instead, and the result has the axes of the values again.
"""

from dataclasses import dataclass, fields
from typing import Final

from einlint.algebra.equation import Equation, Subscripts
from einlint.source.sdpa.axes import axis_of
from einlint.source.sdpa.matching import FEATURE, KEY, QUERY, VALUE, Matched, Operand
from einlint.source.sdpa.steps import Done, Step
from einlint.source.sdpa.windows import is_same
from einlint.source.terms import CALL, TUPLE, Term, constant

# The second of two axes of the result that are one for the call.
SECOND: Final = "second"
_RESHAPES: Final = frozenset({"view", "reshape"})
_SCALING: Final = frozenset({Step.SCALE, Step.DIVIDE, Step.SAME})


@dataclass(frozen=True, slots=True)
class Flattened(Operand):
    """An operand of which two axes are one for the call.

    at: the first of them; the other is the next one.
    """

    at: int = 0

    @property
    def term(self) -> Term:
        """What the call is given, below its views."""
        return flattened(self.product.operands[self.place], self.at)


@dataclass(frozen=True, slots=True)
class Joined(Matched):
    """An attention over joined axes. views: the steps that join them, and part them again."""

    views: frozenset[Done] = frozenset()


def flattened(term: Term, at: int) -> Term:
    """`x.flatten(at, at + 1)`."""
    return Term(CALL, (term, constant(at), constant(at + 1)), detail="flatten", is_method=True)


def with_joined_axes(found: Matched) -> Matched:
    """An attention with the axes joined that its views join; the same one if they join none."""
    joining, parting = _reshape(found.scores.steps), _reshape(found.weights.steps)
    if joining is None or parting is None:
        return found
    first, second = found.scores.base.detail, found.product.detail
    assert isinstance(first, Equation)
    assert isinstance(second, Equation)
    few, many = _sizes(joining.term), _sizes(parting.term)
    is_last = axis_of(found.softmax) in (-1, len(few) - 1)
    if len(first.output) != len(many) or not is_last or not _are_inverse(few, many):
        return found
    place = found.query.place
    queries, keys = first.inputs[place], first.inputs[1 - place]
    weights, values = second.inputs[1 - found.value.place], second.inputs[found.value.place]
    batch, rows, columns = first.output[:-4], first.output[-4:-2], first.output[-2:]
    back = dict(zip(weights, first.output, strict=True)) if len(weights) == len(many) else {}
    named = [tuple(back.get(each, VALUE) for each in labels) for labels in (values, second.output)]
    features = [each for each in queries if each in keys and each not in first.output]
    if len(features) != 1 or sorted(named[0]) != sorted((*batch, VALUE, *columns)):
        return found
    expected = (*batch, VALUE)
    if named != [(*expected, *columns), (*expected, *rows)]:
        return found
    names = {features[0]: FEATURE, rows[0]: QUERY, columns[0]: KEY}
    made = [
        _flattened(operand, labels, pair, names)
        for operand, labels, pair in (
            (found.query, queries, rows),
            (found.key, keys, columns),
            (found.value, named[0], columns),
        )
    ]
    query, key, value = made
    if query is None or key is None or value is None:
        return found
    kept = {each.name: getattr(found, each.name) for each in fields(Matched)}
    kept |= {"query": query, "key": key, "value": value, "batch": batch, "obstacle": ""}
    kept |= {"output": (*batch, VALUE, QUERY, SECOND), "is_upright": True, "turns": ()}
    return Joined(**kept, views=frozenset({joining, parting}))


def _reshape(steps: tuple[Done, ...]) -> Done | None:
    """The one step of a chain that joins axes or parts them, beside those that scale."""
    found = [each for each in steps if each.step not in _SCALING]
    is_one = len(found) == 1 and found[0].step is Step.RESHAPE and not found[0].tests
    return found[0] if is_one and found[0].term.operator in _RESHAPES else None


def _sizes(view: Term) -> tuple[Term, ...]:
    sizes = view.operands[1:]
    return sizes[0].operands if len(sizes) == 1 and sizes[0].operator == TUPLE else sizes


def _are_inverse(few: tuple[Term, ...], many: tuple[Term, ...]) -> bool:
    """Whether one joins the last two axes, which are as long as those before, as the other says."""
    if len(many) < 5 or len(few) != len(many) - 1:
        return False
    *kept, joined = few
    is_product = joined.operator == "mul" and len(joined.operands) == 2
    is_product = is_product and all(map(is_same, joined.operands, many[-2:]))
    is_square = all(map(is_same, many[-4:-2], many[-2:]))
    is_kept = all(map(is_same, kept, many[:-2]))
    return (is_product or joined.integer == -1) and is_square and is_kept


def _flattened(
    operand: Operand, labels: Subscripts, pair: Subscripts, names: dict[str, str]
) -> Flattened | None:
    """An operand with two neighbouring axes as one."""
    at = labels.index(pair[0]) if pair[0] in labels else len(labels)
    if labels[at : at + 2] != pair:
        return None
    rest = (*labels[: at + 1], *labels[at + 2 :])
    renamed = tuple(names.get(each, each) for each in rest)
    return Flattened(operand.product, operand.place, renamed, at)


def views_of(found: Matched) -> frozenset[Done]:
    """The steps of an attention that its call does not need, as it takes joined axes."""
    return found.views if isinstance(found, Joined) else frozenset()
