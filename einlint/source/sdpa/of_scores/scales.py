"""What scales the scores: one number, or one for each row, which the query takes as well."""

import ast
import re
from collections.abc import Callable
from typing import Final

from einlint.algebra.sizes import Shape
from einlint.source.sdpa.given import is_number_given, is_plain_number
from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import Done
from einlint.source.sdpa.texts import operands_of
from einlint.source.sdpa.values import (
    ARITHMETIC,
    is_called_a_size,
    is_either,
    is_number,
    operator_name,
    own_name,
    value_of,
)
from einlint.source.terms import (
    ATTRIBUTE,
    CALL,
    CHOICE,
    FREE,
    ITEM,
    OPAQUE,
    SIZE,
    TUPLE,
    Term,
)

_SCALES: Final = re.compile(
    # `temporal_decay` and `template` are none, and of a `scaled_mask` it says what becomes of it.
    r"^(?!.*mask).*(scal|temp(?!or|l)|norm_factor|coef|alpha|tau$|beta|sqrt)|^(t|dk|d)$",
    re.IGNORECASE,
)
_DEEPEST: Final = 10
_MOST_STEPS: Final = 6
_ROOTS: Final = frozenset({"sqrt", "rsqrt"})
_ALIKE: Final = frozenset({"to", "float", "type_as", "cuda", "cpu", "detach", "abs"})
_TENSORS: Final = frozenset({"tensor", "as_tensor", "scalar_tensor", "array", "asarray"})
# What they are given is a size, unless it is a list.
_OF_LISTS: Final = frozenset({"Tensor", "FloatTensor", "HalfTensor", "DoubleTensor"})
_CLAMPS: Final = frozenset({"clamp", "clip", "clamp_min", "clamp_max"})
# Functions of `math` whose result may be negative.
_SIGNED: Final = frozenset(
    {"log", "log2", "log10", "log1p", "sin", "cos", "tan", "tanh", "sinh", "erf", "expm1"}
    | {"copysign", "asin", "acos", "atan", "atan2", "fsum", "prod", "floor", "ceil", "trunc"}
)
_OF_SCALES: Final = frozenset(
    {*_ROOTS, *_ALIKE, *_TENSORS, *_CLAMPS, "exp", "log", "softplus", "parameter"}
)


def may_scale_query(done: Done, scale: Term, matched: Matched, read: Read) -> bool:
    """Whether what a step scales the scores with may be multiplied with the query instead."""
    place = read.recorder.places.get(matched.scores.base)

    def shape_of(term: Term) -> Shape | None:
        shape = None if place is None else read.file.shape(term, place.knowledge)
        # Of other scores the last axis may be any.
        return shape if matched.is_upright or not shape else None

    node = read.recorder.nodes.get(done.term)
    operands = [] if node is None else operands_of(node, done.term, read)
    written = operands[1 - done.place] if len(operands) == 2 else None
    return _may_scale(scale, shape_of, written, is_upright=matched.is_upright)


def _may_scale(
    term: Term,
    shape_of: Callable[[Term], Shape | None],
    written: ast.expr | None,
    *,
    is_upright: bool = True,
) -> bool:
    """Whether it may be multiplied with the query in place of the scores.

    That needs one number, or one for each row: by its shape, or because it is called a scale.

    written: the text of it. is_upright: the scores have rows and columns last. Of others a scale
        of heads has no place.
    """
    if is_upright and _is_kept_scale(term, written, shape_of):
        return True
    pending, seen = [term], set[Term]()
    while pending:
        each = pending.pop()
        shape = shape_of(each)
        is_known = is_number(each) or (shape is not None and (not shape or shape[-1].size == 1))
        if each in seen or is_known or _is_root_of_number(each):
            continue
        seen.add(each)
        if each.operator in ARITHMETIC or is_either(each):
            pending += each.operands
        elif each.operator == CHOICE:
            pending += _sides(each)
        elif each.operator == TUPLE and len(each.operands) == 1:
            pending += each.operands
        elif _is_of_one(each):
            pending.append(each.operands[0])
        elif is_plain_number(each):
            continue
        elif not (_is_a_scale(each) and (is_upright or is_number_given(each))):
            return False
    return True


def _is_of_one(term: Term) -> bool:
    """Whether it is one number if its first operand is: of `FloatTensor` only if that is a list."""
    name = operator_name(term)
    is_list = bool(term.operands) and term.operands[0].operator == TUPLE
    return (name in _OF_SCALES and bool(term.operands)) or (name in _OF_LISTS and is_list)


def _is_kept_scale(
    term: Term, written: ast.expr | None, shape_of: Callable[[Term], Shape | None]
) -> bool:
    """Whether it is kept in an attribute that is called a scale, and its shape is not known."""
    match written:
        case ast.Attribute(value=ast.Name(), attr=name) if _SCALES.search(name):
            return shape_of(term) is None
    return False


def _sides(choice: Term) -> list[Term]:
    """What a value may be; of `scale if scale is not None else 0.5` the number tells what it is."""
    test, *sides = choice.operands
    if test.operator != OPAQUE or test.detail not in ("Is", "IsNot") or len(test.operands) != 2:
        return sides
    asked, nothing = test.operands
    is_default = nothing.is_constant(None) and any(map(is_number, sides))
    return [each for each in sides if each is not asked] if is_default else sides


def _is_root_of_number(term: Term) -> bool:
    """Whether it is `torch.sqrt(torch.tensor(d))`: nobody makes a mask of such."""
    if operator_name(term) not in _ROOTS or not term.operands:
        return False
    term = term.operands[0]
    for _ in range(_MOST_STEPS):
        name = operator_name(term)
        if name in _TENSORS and term.operands:
            return term.operands[0].operator in (FREE, ATTRIBUTE)
        if name not in _ALIKE or not term.operands:
            break
        term = term.operands[0]
    return False


def _is_a_scale(term: Term) -> bool:
    """Whether its name, or its key as in `config["head_dim"]`, is that of a scale."""
    key = _key(term)
    return any(_SCALES.search(each) for each in (own_name(term), key)) or key.endswith("dim")


def _key(term: Term) -> str:
    """The one literal key that a value is taken out by, as by `get`; empty if there is none."""
    is_got = term.operator == CALL and term.is_method and term.detail == "get"
    if not (term.operator == ITEM or is_got) or len(term.operands) < 2:
        return ""
    if term.operator == ITEM and len(term.operands) != 2:
        return ""
    key = term.operands[1].detail
    return key if isinstance(key, str) else ""


def is_positive(term: Term, depth: int = 0) -> bool:
    """Whether a number is above 0."""
    value = value_of(term)
    if value is not None:
        return value > 0
    if term.operator == "math" and term.detail in _SIGNED:
        return str(term.detail).startswith("log") and term.operands[0].operator == SIZE
    if term.operator in (SIZE, "math") or operator_name(term) == "exp":
        return True
    if term.operator == CHOICE or is_either(term):
        parts = term.operands[term.operator == CHOICE :]
        return depth < _DEEPEST and all(is_positive(each, depth + 1) for each in parts)
    if term.operator in ("mul", "div", "pow", "floor_divide"):
        parts = term.operands[: 1 if term.operator == "pow" else 2]
        return depth < _DEEPEST and all(is_positive(each, depth + 1) for each in parts)
    if operator_name(term) in {*_ROOTS, *_TENSORS, *_OF_LISTS, "to", "float", "type_as"}:
        # What is no number is none behind that.
        return depth < _DEEPEST and all(is_positive(e, depth + 1) for e in term.operands[:1])
    if term.operator == TUPLE:
        return depth < _DEEPEST and all(is_positive(each, depth + 1) for each in term.operands)
    name = own_name(term) or _key(term)
    return term.operator != "neg" and (is_called_a_size(name) or _SCALES.search(name) is not None)
