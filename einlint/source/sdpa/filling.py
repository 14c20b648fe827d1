"""`scores[mask] = low`, which is `scores.masked_fill_(mask, low)` if the mask is boolean.

The same holds for weights that are set to 0.
"""

import ast
import re
from typing import Final

from einlint.source.operators import IN_PLACE
from einlint.source.sdpa.axes import VIEWS
from einlint.source.sdpa.steps import Done, name_of_step
from einlint.source.sdpa.values import is_boolean, is_low, value_of, viewed_name
from einlint.source.terms import ATTRIBUTE, CHOICE, PRODUCT, Term

_MASK: Final = re.compile(r"mask|invalid|padding", re.IGNORECASE)
_PLACES: Final = re.compile(r"id|ind|pos|num|len|rows|cols", re.IGNORECASE)
_LONGEST_BASE: Final = 200
_DEEPEST: Final = 8
_FRESH: Final = frozenset(
    {PRODUCT, "mul", "div", "add", "sub", "pow", "neg", "softmax", "masked_fill", "clone"}
)
_EXPANDED: Final = "expand_as"


def index_of(target: ast.Subscript) -> ast.expr | None:
    """The one index, without an `expand_as`; None if it is a slice, or a tuple."""
    match target.slice:
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=[_], keywords=[]) if (
            name == _EXPANDED
        ):
            return inner
        case ast.Slice() | ast.Tuple() | ast.Constant():
            return None
    return target.slice


def is_expanded(node: ast.AST | None) -> bool:
    """Whether the mask of such a statement is expanded to the shape of the scores there."""
    match node:
        case ast.Assign(targets=[ast.Subscript() as target]):
            return index_of(target) is not target.slice
    return False


def filled(old: Term, index: Term, value: Term, line: int) -> Term | None:
    """What the scores are behind it; None if the index may be no boolean mask.

    index: as it is written. An integer picks whole rows, and so do many; what is called a mask is
        taken for one.
    """
    is_cleared = value_of(value) == 0 and _are_weights(old)
    if not is_low(value) and not is_cleared:
        return None
    mask = index
    if _is_expanded_to(index, old):
        mask = index.operands[0]
    elif _EXPANDED in (index.operator, str(index.detail)):
        return None
    is_sure = is_boolean(mask) or mask.operator == "bitwise_not"  # nobody negates numbers of rows
    sides = mask.operands[1:] if mask.operator == CHOICE else (mask,)
    if not is_sure and not all(_is_called_mask(viewed_name(each)) for each in sides):
        return None
    return Term(IN_PLACE, (old, mask, value), detail="masked_fill_", is_method=True, line=line)


def _is_called_mask(name: str) -> bool:
    """Whether it is no `mask_ids`."""
    return _MASK.search(name) is not None and _PLACES.search(_MASK.sub("", name)) is None


def _is_expanded_to(index: Term, old: Term) -> bool:
    is_one = _EXPANDED in (index.operator, str(index.detail)) and len(index.operands) == 2
    return is_one and index.operands[1] is old


def _are_weights(term: Term) -> bool:
    """Whether it is a softmax, or a copy of one."""
    for _ in range(_DEEPEST):
        if term.operator not in ("clone", IN_PLACE, "dropout", CHOICE) or not term.operands:
            break
        term = term.operands[term.operator == CHOICE]
    return name_of_step(term) in ("softmax", "Softmax")


def is_fresh(term: Term, depth: int = 0) -> bool:
    """Whether what is changed in place was computed here, so that nobody else holds it."""
    for _ in range(_LONGEST_BASE):
        if term.operator in _FRESH or name_of_step(term) == "Softmax":
            return True
        if term.operator == CHOICE:
            return depth < _DEEPEST and all(is_fresh(each, depth + 1) for each in term.operands[1:])
        if term.operator not in (IN_PLACE, "augmented", *VIEWS) or not term.operands:
            return False
        term = term.operands[0]
    return False


def is_told_apart(done: Done) -> bool:
    """Whether what a step adds is no boolean: `m.dtype == torch.bool` was asked, and is not so."""
    for choice, holds in done.tests:
        match choice.operands[0]:
            case Term(operator="opaque", detail="Eq" | "NotEq" as sign, operands=[asked, dtype]):
                is_of_it = asked.operator == ATTRIBUTE and asked.operands[0] is done.other
                is_asked = is_of_it and asked.detail == "dtype" and dtype.detail == "torch.bool"
                if is_asked and holds is (sign == "NotEq"):
                    return True
    return False
