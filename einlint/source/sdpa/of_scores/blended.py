"""`scores * m - 1e9 * (1 - m)`: masked where `m` is 0, of 0 and 1, as in the first code of GPT.

It is read as `torch.where(m != 0, scores, -1e9)`.
"""

import ast
from typing import Final

from einlint.source.sdpa.axes import VIEWS
from einlint.source.sdpa.values import is_boolean, is_low, value_of
from einlint.source.terms import ITEM, OPAQUE, Term, constant

WHERE: Final = "where"
_SAME: Final = frozenset(
    {ITEM, *VIEWS, "view", "to", "float", "type_as", "expand", "unsqueeze", "contiguous", "repeat"}
)
_MOST_VIEWS: Final = 12


def blended(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """The scores and the mask of such an expression; None if it is written otherwise."""
    match node:
        case ast.BinOp(
            left=ast.BinOp(left=scores, op=ast.Mult(), right=mask),
            op=ast.Add() | ast.Sub(),
            right=ast.BinOp(left=low, op=ast.Mult(), right=rest),
        ):
            said = ast.dump(mask)
            for each in (low, rest):
                match each:
                    case ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=other):
                        return (scores, mask) if ast.dump(other) == said else None
    return None


def read_as_where(node: ast.AST, term: Term) -> Term | None:
    """What such an expression computes, as a choice between the scores and a low number."""
    if blended(node) is None or term.operator not in ("add", "sub") or len(term.operands) != 2:
        return None
    scores, mask = term.operands[0].operands
    low = next((e for e in term.operands[1].operands if value_of(e) is not None), None)
    value = None if low is None else value_of(low)
    if value is None or not _is_zero_or_one(mask):
        return None
    filled = constant(-value if term.operator == "sub" else value, term.line)
    if not is_low(filled):
        return None
    condition = Term(OPAQUE, (mask, constant(0, term.line)), detail="NotEq", line=term.line)
    return Term(WHERE, (condition, scores, filled), line=term.line)


def _is_zero_or_one(term: Term) -> bool:
    """Whether it is a triangle of ones, or a boolean mask as numbers; below its views."""
    for _ in range(_MOST_VIEWS):
        if is_boolean(term) or term.operator == "bitwise_not":
            return True
        if term.operator in ("tril", "triu"):
            return bool(term.operands) and term.operands[0].operator in ("ones", "ones_like")
        if term.operator not in _SAME or not term.operands:
            return False
        term = term.operands[0]
    return False
