"""Literal strings and sublists, in all their spellings."""

import ast
from types import EllipsisType
from typing import Final

from einlint.source.scopes import Scope, ValueBinding

_DEEPEST: Final = 50
# Names count more: with `a = b + b`, every name doubles the work.
_NAME_DEPTH: Final = 10


def literal_string(node: ast.expr, scope: Scope, depth: int = 0) -> str | None:
    """The text of a string that is known without running the code.

    A literal (implicit concatenation included), an f-string without placeholders, a sum of
    those, or a name that is assigned such a string once in the scope that owns it.
    """
    if depth > _DEEPEST:
        return None
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return _joined([literal_string(part, scope, depth + 1) for part in values])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([literal_string(part, scope, depth + 1) for part in (left, right)])
        case ast.Name(id=name):
            return _assigned_string(name, scope, depth)
    return None


def sublist(node: ast.expr) -> tuple[int | EllipsisType, ...] | None:
    """The subscripts in a list or tuple display such as `[0, ..., 1]`; None for other nodes."""
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    subscripts: list[int | EllipsisType] = []
    for element in node.elts:
        value = element.value if isinstance(element, ast.Constant) else None
        if isinstance(value, bool) or not isinstance(value, int | EllipsisType):
            return None
        subscripts.append(value)
    return tuple(subscripts)


def holds_a_list(node: ast.expr, scope: Scope) -> bool:
    """Whether an operand is visibly a list or tuple: all operands in one argument."""
    pending = [(node, scope)]
    seen: set[tuple[ast.expr | str, Scope]] = set()
    while pending:
        current, where = pending.pop()
        what = current.id if isinstance(current, ast.Name) else current
        if (what, where) in seen:
            continue  # `x = x + y` refers to itself
        seen.add((what, where))
        match current:
            case ast.List() | ast.Tuple() | ast.ListComp() | ast.GeneratorExp():
                return True
            case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" | "map" | "zip")):
                return True
            case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
                pending += [(one, where), (other, where)]
            case ast.Name(id=name):
                values = (each for each in where.lookup(name) if isinstance(each, ValueBinding))
                pending += [(each.value, each.scope) for each in values]
    return False


def _assigned_string(name: str, scope: Scope, depth: int) -> str | None:
    owner = scope.owner(name)
    match scope.lookup(name):
        case [ValueBinding(value=value, scope=evaluated)] if owner and not owner.star_imports:
            return literal_string(value, evaluated, depth + _NAME_DEPTH)
    return None


def _joined(parts: list[str | None]) -> str | None:
    texts = [part for part in parts if part is not None]
    return "".join(texts) if len(texts) == len(parts) else None
