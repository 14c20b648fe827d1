"""Triangles with the shape of the scores, `torch.ones_like(scores).triu(1)`, that only mask them.

Two axes do for that: `q.new_ones((q.shape[-2], k.shape[-2])).triu(1)` needs no scores.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from einlint.source.binder import BoundModule
from einlint.source.sdpa.of_scores.borrowed import lender_by_name
from einlint.source.sdpa.of_scores.sizes import size_without_scores
from einlint.source.sdpa.of_scores.unexpanded import (
    LOOPS,
    is_for_each,
    is_only_a_mask,
    may_be_read_inside,
    uses_behind,
)
from einlint.source.terms import CALL, SIZE, TUPLE, Term

_NEW: Final = {"ones_like": "new_ones", "full_like": "new_full"}
_TOLD: Final = frozenset({"dtype", "device"})
_TRIANGLES: Final = frozenset({"triu", "tril"})
_MOST_PRODUCTS: Final = 4
_MOST_TOPS: Final = 4


@dataclass(frozen=True, slots=True)
class Triangle:
    """What may be made instead of a tensor like the scores.

    lender: the name of what has their dtype and device. sizes: of the last two axes.
    tops: the triangles that are made of it.
    """

    scores: Term
    lender: str
    maker: str
    sizes: tuple[Term, Term]
    tops: tuple[ast.expr, ...]
    term: Term


def triangle_of(
    node: ast.expr, term: Term, names: Mapping[str, Term], bound: BoundModule
) -> Triangle | None:
    """What a tensor like the scores may be instead; None if more than masking is done with it."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name), args=[ast.Name(id=of), *_]) if name in _NEW:
            pass
        case _:
            return None
    is_torchs = term.operator == name or (
        term.operator == CALL and term.detail == f"torch.{name}" and not term.is_method
    )
    if not is_torchs or not {*term.names} <= _TOLD or names.get(of) is not term.operands[0]:
        return None
    if len(term.positional) != (1 if name == "ones_like" else 2):
        return None
    scores = term.operands[0]
    rows, columns = (_size(scores, axis, term.line) for axis in (-2, -1))
    lender = _lender(of, names)
    if rows is None or columns is None or not lender:
        return None
    tops = _tops(node, bound)
    if not tops or not all(is_only_a_mask(each, of, bound) for each in tops):
        return None
    sizes = Term(TUPLE, (rows, columns), detail=False, line=term.line)
    made = Term(
        _NEW[name] if name == "ones_like" else CALL,
        (names[lender], sizes, *term.operands[1:]),
        term.names,
        None if name == "ones_like" else _NEW[name],
        is_method=True,
        line=term.line,
    )
    return Triangle(scores, lender, _NEW[name], (rows, columns), tops, made)


def _size(scores: Term, axis: int, line: int) -> Term | None:
    """A length, asked of what is no product itself: what is written is read like that."""
    size = found = Term(SIZE, (scores,), detail=axis, line=line)
    for _ in range(_MOST_PRODUCTS):
        below = size_without_scores(found)
        if below is None:
            return None if found is size else found
        found = below
    return None


def _lender(name: str, names: Mapping[str, Term]) -> str:
    """The name of what has the dtype and the device of scores; empty if there is none."""
    found = ""
    for _ in range(_MOST_PRODUCTS):
        below = lender_by_name(name, names, is_device=False)
        if below is None:
            return found
        found = name = below[1]
    return ""


def _tops(node: ast.expr, bound: BoundModule) -> tuple[ast.expr, ...]:
    """The triangles that are made of a tensor, at once or by a name; none if more is done."""
    if any(isinstance(each, LOOPS) for each in bound.around(node)):
        return ()  # a name is read in front of that, too
    top = _top(node, bound)
    if isinstance(top, ast.expr):
        return (top,)
    if not top or may_be_read_inside(node, top, bound):
        return ()
    found = [_top(each, bound) for each in islice(uses_behind(node, top, bound), _MOST_TOPS + 1)]
    if len(found) > _MOST_TOPS:
        return ()
    tops = tuple(each for each in found if isinstance(each, ast.expr))
    return tops if len(tops) == len(found) else ()


def _top(node: ast.expr, bound: BoundModule) -> ast.expr | str:
    """The triangle that a tensor is made, or the name that is bound to it; empty for others."""
    child: ast.AST = node
    for parent in bound.around(node):
        match parent:
            case ast.Call(func=ast.Attribute(attr=name) as func) if name in _TRIANGLES:
                is_first = func is child or next(iter(parent.args), None) is child
                return parent if is_first else ""
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _TRIANGLES:
                return parent if first is child else ""
            case ast.Attribute(value=value, attr=name) if name in _TRIANGLES and value is child:
                pass
            case ast.Assign(targets=[ast.Name(id=name)]):
                return name
            case _ if isinstance(parent, ast.keyword) or not is_for_each(parent, child):
                return ""
        child = parent
    return ""
