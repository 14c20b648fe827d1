"""Operand expressions: how tightly they bind, whether they may be evaluated in another order."""

import ast
from collections.abc import Sequence
from typing import Final

from einlint.rewriting.dialects.text import Precedence, Text
from einlint.source.scopes import Scope, ScopeKind

_OPERATORS: Final[dict[type[ast.operator], Precedence]] = {
    ast.BitOr: Precedence.BITOR,
    ast.BitXor: Precedence.BITXOR,
    ast.BitAnd: Precedence.BITAND,
    ast.LShift: Precedence.SHIFT,
    ast.RShift: Precedence.SHIFT,
    ast.Add: Precedence.SUM,
    ast.Sub: Precedence.SUM,
    ast.Mult: Precedence.PRODUCT,
    ast.MatMult: Precedence.PRODUCT,
    ast.Div: Precedence.PRODUCT,
    ast.FloorDiv: Precedence.PRODUCT,
    ast.Mod: Precedence.PRODUCT,
    ast.Pow: Precedence.POWER,
}

_LOOSE: Final = (ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Starred)


def operator_precedence(operator: ast.operator) -> Precedence:
    """How tightly a binary operator binds."""
    return _OPERATORS[type(operator)]


def operand_text(node: ast.expr, source: str) -> Text:
    """The text of an operand as it stands in the source, parentheses included.

    A line break outside of all brackets was fine between the parentheses of the call and would
    not be elsewhere, so such text counts as the loosest and always gets parentheses.
    """
    if _breaks_outside_brackets(source):
        return Text(source, Precedence.ANY)
    if source.startswith("(") and _is_parenthesised(source):
        return Text(source, Precedence.PRIMARY)
    return Text(source, _precedence(node))


def order_does_not_matter(nodes: Sequence[ast.expr], scope: Scope) -> str | None:
    """Why the operands may be evaluated in any order; None where nothing proves it.

    Names, their attributes and constants do nothing when they are evaluated; attributes that a
    class of the file defines as functions may be properties, and do. Beside one operand that
    may do anything, names that only this function binds, and that it does not see, stay too.
    """
    active = [node for node in nodes if not _is_pure(node, scope)]
    if not active:
        return "every operand is a name, an attribute or a constant"
    others = [node for node in nodes if node not in active]
    if len(active) == 1 and all(_is_private(node, scope, active[0]) for node in others):
        return "beside one expression, every operand is a local name that it cannot change"
    return None


def _is_pure(node: ast.expr, scope: Scope) -> bool:
    while isinstance(node, ast.Attribute):
        if node.attr in scope.module().methods:
            return False
        node = node.value
    return isinstance(node, (ast.Name, ast.Constant))


def _is_private(node: ast.expr, scope: Scope, active: ast.expr) -> bool:
    """A local name of the function itself that `active` neither binds nor gets hold of."""
    if not isinstance(node, ast.Name) or scope.kind is not ScopeKind.FUNCTION:
        return False
    mentioned = {each.id for each in ast.walk(active) if isinstance(each, ast.Name)}
    return scope.owner(node.id) is scope and node.id not in scope.shared | mentioned


def _precedence(node: ast.expr) -> Precedence:
    match node:
        case ast.BinOp(op=operator):
            return operator_precedence(operator)
        case ast.UnaryOp(op=ast.Not()):
            return Precedence.ANY
        case ast.UnaryOp():
            return Precedence.UNARY
        case ast.Await():
            return Precedence.AWAIT
        case ast.Constant(value=int() | float() | complex()):
            return Precedence.AWAIT  # `1.T` is no attribute of 1
        case _:
            return Precedence.ANY if isinstance(node, _LOOSE) else Precedence.PRIMARY


def _is_parenthesised(source: str) -> bool:
    """Whether the parenthesis that opens the text closes only at its end."""
    inner = ast.parse(f"({source})", mode="eval").body
    return (inner.lineno, inner.col_offset) != (1, 1)


def _breaks_outside_brackets(source: str) -> bool:
    if "\n" not in source and "\r" not in source:
        return False
    try:
        ast.parse(source, mode="eval")
    except SyntaxError:
        return True
    return False
