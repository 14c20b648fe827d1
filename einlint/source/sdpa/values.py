"""What values of an attention are: numbers, scales, what masks the scores, and what is learned."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from einlint.source.operators import HELD, OPERATORS
from einlint.source.scalars import is_scalar
from einlint.source.sdpa.axes import VIEWS
from einlint.source.sdpa.steps import Done, Step
from einlint.source.terms import (
    ATTRIBUTE,
    CALL,
    CHOICE,
    CONSTANT,
    FREE,
    INSTANCE,
    ITEM,
    OPAQUE,
    PATH,
    SLICE,
    TUPLE,
    Free,
    Term,
)

ARITHMETIC: Final = frozenset({"add", "sub", "mul", "div", "pow", "floor_divide", "neg"})
# What is softmaxed to 0 where anything else is 0.
_LOWEST: Final = -1e3
# The same, by the name of a constant of another file.
_NUMBER: Final = re.compile(r"[+-]?(inf|infinity|\d+\.?\d*(e[+-]?\d+)?)", re.IGNORECASE)
_LOW: Final = re.compile(r"\.(NEG(ATIVE)?|MINUS)_\w*INF\w*$|\.MIN_\w*MASK\w*$|\.(NEG_?INF|NINF)$")
# A number, by its name.
_SIZES: Final = re.compile(
    r"(dims?|size|width|channels?|heads?|hidden|embed|embd|units|features|_d|_k)$"
    r"|^d_(?!\w*(mask|bias|pos))\w+$"
)
_COMPARED: Final = frozenset({"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"})
_VIEWED: Final = frozenset(
    {
        ITEM,
        *VIEWS,
        "aliased",
        "expand_as",
        "unsqueeze",
        "view",
        "expand",
        "repeat",
        "bitwise_not",
        "triu",
        "tril",
    }
)
_MOST_VIEWS: Final = 30
_DEEPEST: Final = 10
# What is the parameter, or the attribute, that it is made of.
_VIEWING: Final = (
    "transpose permute t view reshape unsqueeze squeeze expand repeat rearrange to float half "
    "bfloat16 type_as item normalize contiguous detach clone flatten unflatten swapaxes"
)
_OF_ONE: Final = frozenset(_VIEWING.split())
_LEARNED: Final = re.compile(
    r"^w\d?$|^w_|_w$|weight|gate|expert|codebook|prototype|centroid|centers?$", re.IGNORECASE
)
_CACHE: Final = re.compile(r"cache|past_", re.IGNORECASE)
_WRAPPING: Final = frozenset(
    {
        "to",
        "tensor",
        "Tensor",
        "full",
        "full_like",
        "float",
        "new_tensor",
        "new_full",
        "type_as",
    }
)
_OF_NUMBERS: Final = (
    "float",
    "int",
    "numpy.sqrt",
    "numpy.log",
    "numpy.power",
    "pow",
    "max",
    "min",
    "abs",
    "round",
    "len",
)


def is_number(term: Term) -> bool:
    """Whether it is a number for all that can be seen, and no tensor."""
    pending, seen = [term], set[Term]()
    while pending:
        each = pending.pop()
        if each in seen or is_scalar(each):
            continue
        seen.add(each)
        if each.operator in ARITHMETIC or is_either(each):
            pending += each.operands
        elif each.operator == CHOICE:
            pending += each.operands[1:]
        elif each.operator == CALL and not each.is_method and each.detail in _OF_NUMBERS:
            continue
        elif each.operator == CALL or not is_called_a_size(own_name(each)):
            return False
    return True


def is_either(term: Term) -> bool:
    """Whether it is `one or other`."""
    return term.operator == OPAQUE and term.detail == "Or"


def is_called_a_size(name: str) -> bool:
    """Whether a name is that of a number, such as `head_dim`."""
    return _SIZES.search(name) is not None


def own_name(term: Term) -> str:
    """The name of a parameter, or of an attribute."""
    if term.operator == ATTRIBUTE:
        return str(term.detail)
    return term.detail.name if term.operator == FREE and isinstance(term.detail, Free) else ""


def value_of(term: Term, depth: int = 0) -> float | None:
    """The number that an expression of literals is; infinity counts."""
    match term.operator:
        case operator if operator == CONSTANT:
            value = term.detail
            is_real = isinstance(value, int | float) and not isinstance(value, bool)
            return float(value) if is_real and isinstance(value, int | float) else None
        case operator if operator == PATH:
            return float("inf") if str(term.detail).endswith((".inf", ".Infinity")) else None
        case operator if operator == CALL and term.detail == "float" and term.operands:
            text = term.operands[0].detail
            known = isinstance(text, str) and _NUMBER.fullmatch(text.strip()) is not None
            return float(str(text)) if known else value_of(term.operands[0])
        case operator if operator == ATTRIBUTE and term.detail in ("min", "max"):
            owner = term.operands[0]
            is_limit = owner.operator == CALL and str(owner.detail).endswith("finfo")
            return (-1e38 if term.detail == "min" else 1e38) if is_limit else None
    if term.operator not in ARITHMETIC or depth > _DEEPEST:
        return None  # what many steps share would be looked at many times
    values = [value_of(each, depth + 1) for each in term.operands]
    known_values = [each for each in values if each is not None]
    if len(known_values) != len(values):
        return None
    return _computed(term.operator, known_values)


def _computed(operator: str, values: list[float]) -> float | None:
    try:
        match operator, values:
            case "neg", [one]:
                return -one
            case "add", [one, other]:
                return one + other
            case "sub", [one, other]:
                return one - other
            case "mul", [one, other]:
                return one * other
            case "div", [one, other]:
                return one / other
            case "pow", [one, other]:
                result = one**other
                return result if isinstance(result, float) else None
    except (ArithmeticError, ValueError):
        return None
    return None


def is_low(term: Term, scale: float = 1.0, depth: int = 0) -> bool:
    """Whether softmax makes it 0: minus infinity, or a large negative number.

    scale: what it is multiplied with before the softmax.
    """
    if depth > _DEEPEST:
        return False
    if term.operator == CHOICE:
        return all(is_low(each, scale, depth + 1) for each in term.operands[1:])
    value = value_of(term)
    if value is not None:
        return value <= _LOWEST and value * scale <= _LOWEST
    if term.operator == PATH:
        return scale == 1.0 and _LOW.search(f".{term.detail}") is not None
    parts = [_alone(each) for each in term.operands]
    if term.operator == "masked_fill":
        # What is not filled keeps what it was.
        return len(parts) == 3 and all(is_low(each, scale, depth + 1) for each in parts[::2])
    is_multiple = term.operator == "mul" and any(map(_is_full_of_ones, parts))
    name = term.operator if term.operator != CALL else str(term.detail).rpartition(".")[2]
    is_wrapped = is_multiple or name in _WRAPPING
    return is_wrapped and any(is_low(each, scale, depth + 1) for each in parts)


def scale_behind(done: Done, steps: Sequence[Done]) -> float:
    """What literals make of a value that a step fills in, at least."""
    scale = 1.0
    for each in steps[steps.index(done) + 1 :]:
        value = None if each.other is None else value_of(each.other)
        if value and each.step in (Step.SCALE, Step.DIVIDE):
            factor = value if each.step is Step.SCALE else 1 / value
            scale *= min(factor, 1.0) if each.tests else factor
    return scale


def _alone(term: Term) -> Term:
    """The one value of a list, as in `torch.tensor([-1e9])`."""
    is_one = term.operator == TUPLE and len(term.operands) == 1
    return term.operands[0] if is_one else term


def _is_full_of_ones(term: Term) -> bool:
    """Whether it is `torch.ones_like(scores)`, maybe cast."""
    while term.operator in ("to", "float", "type_as", "cuda") and term.operands:
        term = term.operands[0]
    return term.operator in ("ones_like", "ones")


def is_boolean(term: Term, depth: int = 0) -> bool:
    """Whether it visibly is a boolean tensor: adding one is not what masking with it is."""
    for _ in range(_MOST_VIEWS):
        if str(getattr(term.keywords.get("dtype"), "detail", "")) == "torch.bool":
            return True
        if term.operator == CHOICE:
            parts = term.operands[1:]
            return depth < _DEEPEST and any(is_boolean(each, depth + 1) for each in parts)
        if term.operator == OPAQUE:
            return str(term.detail) in _COMPARED
        name = term.operator if term.operator != CALL else str(term.detail).rpartition(".")[2]
        said = [str(each.detail) for each in term.operands[1:]]
        if name in ("bool", "logical_not") or "torch.bool" in said:
            return True
        if name not in _VIEWED or not term.operands:
            return False
        term = term.operands[0]
    return False


def viewed_name(term: Term) -> str:
    """The name of the parameter or attribute that a value is a view of; empty if it is none."""
    for _ in range(_MOST_VIEWS):
        if operator_name(term) not in _VIEWED or not term.operands:
            break
        term = term.operands[0]
    return own_name(term)


def is_asked_for(test: Term, term: Term) -> bool:
    """Whether a test is `term is not None`."""
    is_test = test.operator == OPAQUE and test.detail == "IsNot"
    return is_test and test.operands[0] is term and test.operands[1].is_constant(None)


def is_none_without(test: Term, term: Term) -> bool:
    """Whether a value is None where a test does not hold: `x is not None or y is not None`."""
    if test.operator == OPAQUE and test.detail == "Or":
        return any(is_asked_for(each, term) for each in test.operands)
    return is_asked_for(test, term)


def is_made(term: Term) -> bool:
    """Whether an operator of torch, or a slice, has made it, so that it is not None."""
    if term.operator == ITEM:
        return any(e.operator == SLICE or e.is_constant(None) for e in term.operands[1:])
    return term.operator in OPERATORS and bool(term.operands)


def is_there(test: Term, term: Term, depth: int = 0) -> bool:
    """Whether a value is not None where a test holds, as it was made or is asked for."""
    if term.operator == CHOICE:
        sides = term.operands[1:]
        return depth < _DEEPEST and all(is_there(test, each, depth + 1) for each in sides)
    return is_made(term) or is_asked_for(test, term)


def is_held(term: Term) -> bool:
    """Whether it is a parameter of a module, or what is kept in an attribute of it."""
    for _ in range(_MOST_VIEWS):
        if term.operator == CHOICE:
            return any(map(is_held, term.operands[1:]))
        if term.operator not in _OF_ONE and term.operator != ITEM:
            break
        if not term.operands:
            break
        term = term.operands[0]
    if term.operator in (HELD, "parameter"):
        return True
    if term.operator != ATTRIBUTE:
        return False
    owner = term.operands[0]
    if _CACHE.search(str(term.detail)):
        return False  # keys and values of earlier calls
    is_own = owner.operator == INSTANCE or getattr(owner.detail, "name", "") in ("self", "cls")
    return is_own or term.detail == "weight"


def is_named_learned(term: Term) -> bool:
    """Whether it is called what matrices of a gate, or of a clustering, are called."""
    return _LEARNED.search(own_name(term)) is not None


def is_nothing(term: Term) -> bool:
    """Whether it is what `baddbmm` leaves of its first argument with `beta=0`."""
    return term.operator == "mul" and any(value_of(each) == 0 for each in term.operands)


def is_own_maximum(term: Term, scores: Term, axes: Collection[int]) -> bool:
    """Whether it is the maximum of the scores themselves, of all or over one of these axes."""
    for _ in range(5):
        name = operator_name(term)
        if name in ("amax", "max"):
            named = term.keywords.get("dim") or term.keywords.get("axis")
            over = named or next(iter(term.positional[1:]), None)
            is_along = over is None or over.integer in axes
            return bool(term.operands) and term.operands[0] is scores and is_along
        if term.operator not in (ITEM, ATTRIBUTE, "detach") and name not in ("values", "detach"):
            return False
        if not term.operands:
            return False
        term = term.operands[0]
    return False


def operator_name(term: Term) -> str:
    """The operator, or the last name of what is called."""
    return term.operator if term.operator != CALL else str(term.detail).rpartition(".")[2]
