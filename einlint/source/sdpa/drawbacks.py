"""Where one call computes the same as an attention that is written by hand, and is not faster."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from einlint.algebra.einops_pattern import Group, Pattern, pattern_of
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.views import PERMUTE
from einlint.source.names import last_name
from einlint.source.operators import HELD
from einlint.source.sdpa.axes import before, spread, view_of
from einlint.source.sdpa.matching import FEATURE, QUERY, Matched
from einlint.source.sdpa.members import owned
from einlint.source.sdpa.parts import Parts
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import is_of_self, name_of_step
from einlint.source.sdpa.values import is_number
from einlint.source.terms import APPLY, ATTRIBUTE, CHOICE, ITEM, PRODUCT, SHAPE, SIZE, TUPLE, Term

# What the fused kernels of torch take: a batch, heads, tokens and features.
_FUSED_AXES: Final = 4
_NUMBERS: Final = {2: "two", 3: "three", 5: "five", 6: "six"}
# What is written anew, or split without moving it, has its last axis dense.
_DENSE: Final = frozenset({"contiguous", "clone", "reshape", "view"})
_COPIES: Final = frozenset({"contiguous", "clone"})
_MOST_STEPS: Final = 16
_ALIKE: Final = (
    "contiguous clone normalize float double half bfloat16 to type type_as detach chunk split "
    "tensor_split mul div relu elu softmax dropout"
)
_SAME: Final = frozenset(_ALIKE.split())
_LAYERS: Final = frozenset({"LayerNorm", "RMSNorm", "Identity", "Dropout", "ReLU"})
_PARTS: Final = frozenset({"chunk", "split", "tensor_split"})
_POSITIONS: Final = (frozenset("hw"), frozenset("xy"), frozenset({"height", "width"}))


# What has no gradient, whatever it is made of.
_COMPARED: Final = ("Eq", "NotEq", "Lt", "Gt", "LtE", "GtE")
_NEW: Final = ("new_ones", "new_zeros", "new_full")
_CONSTANT: Final = frozenset({SIZE, SHAPE, "dtype", "device", "detach", *_COMPARED, *_NEW})
_MASK: Final = re.compile(r"mask|causal|alibi|pad", re.IGNORECASE)
_MOST_TERMS: Final = 300


def drawback(matched: Matched, parts: Parts, read: Read) -> str:
    """Why one call gains nothing; empty where the code shows no such thing."""
    axes = _number_of_axes(matched, read)
    if axes is not None and axes != _FUSED_AXES:
        return f"it has {_NUMBERS.get(axes, axes)} axes, and fused kernels take four"
    for term, labels in _made_of(matched, read):
        if _has_positions_as_features(term, labels):
            return "it attends over channels, with the positions as features"
    if _are_features_apart(matched, read):
        return "its features lie apart in memory, and fused kernels take them next to each other"
    if any(each.keeps is None and _is_learned(each.term, read) for each in parts.masks):
        return "its mask is learned, and in training no fused kernel takes that"
    return ""


def _number_of_axes(matched: Matched, read: Read) -> int | None:
    """How many axes the operands have; None where nothing tells it.

    A key whose second axis is exchanged with the third has three: of four, the third is that of
    the tokens, which the product needs last.
    """
    if ELLIPSIS not in matched.batch:
        return len(matched.batch) + 2
    for operand in (matched.query, matched.key, matched.value):
        term = operand.term
        while term.operator in _COPIES:
            term = term.operands[0]
        view = view_of(term)
        if view is not None and view.name == PERMUTE:
            return len(view.axes)
        if operand is matched.key and view is not None and {*view.axes} == {1, 2}:
            return _FUSED_AXES - 1
    return read.rank(matched.query.term, matched.query.product)


def _are_features_apart(matched: Matched, read: Read) -> bool:
    """Whether the query is a view whose tokens are next to each other, as of a convolution."""
    is_apart = False
    for term, labels in _made_of(matched, read):
        is_apart = labels[-1] == QUERY
        if term.operator == APPLY or name_of_step(term) in _DENSE:
            break
        pattern = _pattern(term) if term.operator == "rearrange" else None
        if pattern is not None and pattern.left:
            tokens, last = _group(term, QUERY, labels), pattern.left[-1]
            is_apart = bool(last) and {*last} <= {*(tokens or ())}
    return is_apart


def _is_learned(mask: Term, read: Read) -> bool:
    """Whether what is added to the scores has a gradient: of a parameter, a layer or a product."""
    pending, seen = [mask], {mask}
    parameters = _parameters(read)
    while pending and len(seen) < _MOST_TERMS:
        term = pending.pop()
        if term.operator in (HELD, "parameter", APPLY, PRODUCT):
            return True
        if term.operator == ATTRIBUTE and term.detail in parameters:
            return True
        if is_of_self(term) and _MASK.search(name_of_step(term)) is None:
            return True
        if term.operator in _CONSTANT or str(term.detail) in _CONSTANT:
            continue
        fresh = [each for each in term.operands if each not in seen]
        # The test of a choice is no part of it.
        fresh = [each for each in fresh if term.operator != CHOICE or each in term.operands[1:]]
        seen.update(fresh)
        pending += fresh
    return False


def _parameters(read: Read) -> set[str]:
    """The attributes of its class that are set to `nn.Parameter(...)`, be others unknown or not."""
    around = read.file.bound.parents[read.function]
    known = owned(around, read.file.bound) if isinstance(around, ast.ClassDef) else {}
    return {
        name
        for name, value in known.items()
        if isinstance(value, ast.Call) and last_name(value.func) == "Parameter"
    }


def _made_of(matched: Matched, read: Read) -> Iterator[tuple[Term, Subscripts]]:
    """The query and what it is made of, with the axes, as long as its tokens can be followed."""
    term, labels = matched.query.term, matched.query.labels
    labels = spread(labels, read.rank(term, matched.query.product))
    for _ in range(_MOST_STEPS):
        if not {QUERY, FEATURE} <= {*labels} or ELLIPSIS in labels[1:]:
            return
        yield term, labels
        below = _below(term, labels, read.rank(term, matched.query.product))
        if below is None:
            return
        term, labels = below


def _below(term: Term, labels: Subscripts, rank: int | None) -> tuple[Term, Subscripts] | None:
    """The operand that a term is made of, and its axes."""
    view = view_of(term)
    if view is not None:
        ahead = before(view, labels, rank)
        return None if ahead is None else (term.operands[0], ahead)
    name = name_of_step(term)
    if term.operator == APPLY:
        is_known = name in _LAYERS and len(term.operands) == 2
        return (term.operands[1], labels) if is_known else None
    match term.operator, term.operands:
        case "rearrange", [base, *_]:
            before_it = _left(_pattern(term), labels)
            return None if before_it is None else (base, before_it)
        case operator, [base, index] if operator == ITEM:
            return _of_item(base, index, labels)
        case _, [number, base] if name == "mul" and is_number(number):
            return base, labels
        case _, [base, *_] if name in _SAME:
            return base, labels
    return None


def _of_item(base: Term, index: Term, labels: Subscripts) -> tuple[Term, Subscripts] | None:
    """What one of several is taken of: of a list of parts, or of the first axis of a tensor."""
    if base.operator in _PARTS:
        return base, labels
    if base.operator == "unbind":
        axis = base.operands[1].integer if len(base.operands) > 1 else 0
        return (base.operands[0], ("taken", *labels)) if axis == 0 else None
    return (base, ("taken", *labels)) if index.integer is not None else None


def _pattern(term: Term) -> Pattern | None:
    text = term.operands[1].detail if len(term.operands) > 1 else None
    return pattern_of(text) if isinstance(text, str) else None


def _left(pattern: Pattern | None, labels: Subscripts) -> Subscripts | None:
    """The axes in front of a pattern; those that it splits or joins are new."""
    labels = labels if pattern is None else spread(labels, len(pattern.right))
    if pattern is None or len(labels) != len(pattern.right):
        return None
    names = dict(zip(pattern.right, labels, strict=True))
    return tuple(names.get(each, f"new {at}") for at, each in enumerate(pattern.left))


def _has_positions_as_features(term: Term, labels: Subscripts) -> bool:
    """Whether a step splits channels into the tokens, and joins positions to the features."""
    match term.operator, term.operands:
        case "rearrange", _:
            tokens, features = (_group(term, each, labels) for each in (QUERY, FEATURE))
            names = {each.lower() for each in features or ()}
            is_plain = tokens is not None and names.isdisjoint(map(str.lower, tokens))
            return is_plain and any(each <= names for each in _POSITIONS)
        case "view" | "reshape", [_, *sizes]:
            rows, sums = (_size(sizes, each, labels) for each in (QUERY, FEATURE))
            return rows is not None and sums is not None and _are_split(rows, sums)
    return False


def _are_split(tokens: Term, features: Term) -> bool:
    """Whether they are `c // heads` and what lies on the other axes: `h * w`, or `-1`."""
    if tokens.operator != "floor_divide" or tokens.operands[0].operator != SIZE:
        return False
    channels = tokens.operands[0]
    if features.operator == SIZE:
        # `b, n, c = x.shape`: the tokens lie in front of the channels.
        one, other = channels.detail, features.detail
        is_one = features.operands[0] is channels.operands[0]
        return is_one and isinstance(one, int) and isinstance(other, int) and 0 < other < one
    is_rest = features.integer == -1 or (
        features.operator == "mul" and all(each.operator == SIZE for each in features.operands)
    )
    return channels.detail == 1 and is_rest


def _group(term: Term, label: str, labels: Subscripts) -> Group | None:
    pattern = _pattern(term)
    at = labels.index(label) - len(labels)
    if pattern is None or len(pattern.right) < -at:
        return None
    return pattern.right[at]


def _size(sizes: list[Term], label: str, labels: Subscripts) -> Term | None:
    if len(sizes) == 1 and sizes[0].operator == TUPLE:
        sizes = list(sizes[0].operands)
    at = labels.index(label) - len(labels)
    return sizes[at] if len(sizes) >= -at else None
