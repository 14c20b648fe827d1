"""Operands whose rank depends on data."""

import ast
from collections.abc import Iterable
from typing import Final

from einlint.source.binder import BoundModule
from einlint.source.bound_before import BoundBefore
from einlint.source.helpers import helper_of
from einlint.source.imports import dotted_path
from einlint.source.lines import LineIndex

# Longer chains are not followed.
_FARTHEST: Final = 16
# Methods whose result does not have the rank of their tensor, or that check it.
_SETTING: Final = frozenset(
    {"view", "view_as", "reshape", "reshape_as", "flatten", "ravel", "permute", "expand"}
    | {"expand_as", "rearrange", "stack", "cat", "outer", "bmm", "mm", "mv", "dot", "size", "item"}
    | {"tolist", "numel", "dim", "atleast_2d", "atleast_3d", "broadcast_to", "unflatten"}
)
_LIBRARIES: Final = ("torch.", "numpy.")
_TESTS: Final = frozenset(
    {"bool", "eq", "ne", "lt", "le", "gt", "ge", "isnan", "isinf", "isfinite", "logical_and"}
    | {"logical_not", "logical_or", "logical_xor"}
)


def doubt_of_rank(operand: ast.expr, before: BoundBefore, lines: LineIndex) -> str | None:
    """The reason why the rank of an operand depends on data; None if it does not.

    That is a squeeze of all axes of size 1, or a selection by a mask, which reaches the operand
    through local names and functions that keep the rank.
    """
    bound = before.bound
    pending, seen = [operand], 0
    while pending and seen < _FARTHEST:
        node, seen = pending.pop(), seen + 1
        if _is_squeezed(node, bound):
            return f"`squeeze()` at {lines.describe_line(node.lineno)} drops every axis of size 1"
        if _is_selected(node, before):
            line = lines.describe_line(node.lineno)
            return f"the selection at {line} has one axis for all those of its mask"
        pending += _behind(node, before)
    return None


def _behind(node: ast.expr, before: BoundBefore) -> Iterable[ast.expr]:
    """What has the axes of a value, or of which they are made."""
    match node:
        case ast.Name():
            return before.values(node)
        case ast.UnaryOp(operand=value) | ast.NamedExpr(value=value):
            return [value]
        case ast.ListComp(elt=value) | ast.GeneratorExp(elt=value):
            return [value]
        case ast.BinOp(left=left, right=right) if not isinstance(node.op, ast.MatMult):
            return [left, right]
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.Attribute(value=value, attr="T" | "mT" | "H" | "mH" | "data" | "real"):
            return [value]
        case ast.Call(func=ast.Name(id=name) as function):
            return _applied(node.args[0] if name == "map" and node.args else function, before.bound)
        case ast.Call(func=ast.Attribute(attr=name)) if name not in _SETTING:
            return _passed_on(node, before.bound)
    return []


def _applied(function: ast.expr, bound: BoundModule) -> list[ast.expr]:
    """What a lambda, or a function of the file that is one expression, makes of its argument."""
    if isinstance(function, ast.Lambda):
        return [function.body]
    helper = helper_of(function, bound)
    return [] if helper is None else [helper.body]


def _passed_on(node: ast.Call, bound: BoundModule) -> list[ast.expr]:
    """The expression whose axes a method or a torch function of one tensor keeps."""
    assert isinstance(node.func, ast.Attribute)
    path = dotted_path(node.func, bound.scopes[node])
    if path is None:
        return [node.func.value]
    return node.args[:1] if path.startswith(_LIBRARIES) else []


def _is_squeezed(node: ast.expr, bound: BoundModule) -> bool:
    """`x.squeeze()`, `torch.squeeze(x)`."""
    match node:
        case ast.Call(func=ast.Name(id="map"), args=[ast.Attribute(attr="squeeze"), *_]):
            return True
        case ast.Call(
            func=ast.Attribute(attr="squeeze" | "squeeze_") as function,
            args=given,
            keywords=[] | [ast.keyword(arg="input")] as named,
        ):
            is_function = dotted_path(function, bound.scopes[node]) is not None
            return len(given) + len(named) == int(is_function)
    return False


def _is_selected(node: ast.expr, before: BoundBefore) -> bool:
    """`x[x > 0]`, `x[mask]` with `mask = x > 0`."""
    if not isinstance(node, ast.Subscript):
        return False
    index = node.slice
    values = list(before.values(index)) if isinstance(index, ast.Name) else [index]
    return any(map(_is_mask, values))


def _is_mask(node: ast.expr) -> bool:
    match node:
        case ast.Compare(
            ops=[ast.Eq() | ast.NotEq() | ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]
        ):
            return True
        case ast.UnaryOp(op=ast.Invert()):
            return True
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr(), left=left, right=right):
            return _is_mask(left) or _is_mask(right)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _TESTS
    return False
