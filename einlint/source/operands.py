"""Operand expressions: their precedence, and whether their order of evaluation matters."""

import ast
from collections.abc import Sequence
from typing import Final

from einlint.rewriting.dialects.text import Precedence, Text
from einlint.source.parsing import expression_of
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

# Methods that run when an attribute is read.
_GETTERS: Final = frozenset({"__getattr__", "__getattribute__", "__get__"})


def operator_precedence(operator: ast.operator) -> Precedence:
    """How tightly a binary operator binds."""
    return _OPERATORS[type(operator)]


def operand_text(node: ast.expr, source: str) -> Text:
    """The text of an operand in the source, with its parentheses.

    A line break outside of brackets is only allowed inside the parentheses of the call, so such
    text gets the lowest precedence, and always parentheses.
    """
    if _breaks_outside_brackets(source):
        return Text(source, Precedence.ANY)
    if source.startswith("(") and _is_parenthesised(source):
        return Text(source, Precedence.PRIMARY)
    return Text(source, _precedence(node))


def order_does_not_matter(nodes: Sequence[ast.expr], scope: Scope) -> str | None:
    """Why the operands may be evaluated in any order; None if nothing proves it.

    Evaluating names, attributes and constants has no effects, unless a class of the file defines
    the attribute as a function, for it may be a property, or what runs when attributes are read.
    One other operand is allowed if the rest
    are local names of this function that it cannot change.
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
        methods = scope.module().methods
        if node.attr in methods or not methods.isdisjoint(_GETTERS):
            return False
        node = node.value
    return isinstance(node, (ast.Name, ast.Constant))


def _is_private(node: ast.expr, scope: Scope, active: ast.expr) -> bool:
    """Whether it is a local name of the function that `active` cannot change."""
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
    inner = expression_of(f"({source})")
    return (inner.lineno, inner.col_offset) != (1, 1)


def _breaks_outside_brackets(source: str) -> bool:
    if "\n" not in source and "\r" not in source:
        return False
    try:
        expression_of(source)
    except SyntaxError:
        return True
    return False
