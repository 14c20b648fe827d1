"""What the expression around a call needs of a replacement."""

import ast
from collections.abc import Mapping
from typing import Final

from einlint.rewriting.dialects.text import Precedence
from einlint.source.names import last_name
from einlint.source.operands import operator_precedence

_QUOTES: Final = frozenset("'\"")
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_CAUGHT: Final = frozenset(
    {"RuntimeError", "ValueError", "IndexError", "Exception", "BaseException"}
)
_CATCHERS: Final = frozenset({"raises", "assertRaises", "assertRaisesRegex", "suppress"})


def needed_precedence(call: ast.Call, parent: ast.AST) -> Precedence:
    """How tightly a replacement must bind to stand where `call` stands without parentheses.

    Source: the grammar in the Python language reference, section 6 ("Expressions").
    """
    match parent:
        case ast.Attribute() | ast.Await():
            return Precedence.PRIMARY
        case ast.Subscript(value=value) if value is call:
            return Precedence.PRIMARY
        case ast.Call(func=function) if function is call:
            return Precedence.PRIMARY
        case ast.UnaryOp(op=ast.Not()):
            return Precedence.ANY
        case ast.UnaryOp():
            return Precedence.UNARY
        case ast.BinOp(left=left, op=operator):
            return _beside(operator, is_left=left is call)
        case _:
            return Precedence.ANY


def is_parenthesised(text: str, start: int, end: int) -> bool:
    """Whether parentheses stand directly around text[start:end].

    Decisive only where a replacement may need them: beside an operator or before a trailer the
    neighbours on both sides are parentheses only if they belong together. What may be the end
    of a comment is not taken for one.
    """
    before = text[:start].rstrip()
    row = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    return before.endswith("(") and "#" not in row and text[end:].lstrip().startswith(")")


def is_word(character: str) -> bool:
    """Whether the character, or none at an end of the text, can be part of a name or a string."""
    return character.isidentifier() or character.isdecimal() or character in _QUOTES


def errors_are_caught(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a `try` or a `with` in the same function catches a RuntimeError of the node."""
    while (parent := parents.get(node)) is not None and not isinstance(node, _FUNCTIONS):
        match parent:
            case ast.Try() | ast.TryStar() if node in parent.body:
                if any(_catches(handler.type) for handler in parent.handlers):
                    return True
            case ast.With() | ast.AsyncWith() if node in parent.body:
                if any(_name(item.context_expr) in _CATCHERS for item in parent.items):
                    return True
        node = parent
    return False


def _catches(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(each is None or _name(each) in _CAUGHT for each in kinds)


def _name(node: ast.expr) -> str:
    """The last name of an expression, or of what it calls."""
    while isinstance(node, ast.Call):
        node = node.func
    return last_name(node)


def _beside(operator: ast.operator, *, is_left: bool) -> Precedence:
    precedence = operator_precedence(operator)
    if isinstance(operator, ast.Pow):
        return Precedence.AWAIT if is_left else Precedence.UNARY
    return precedence if is_left else Precedence(precedence + 1)
