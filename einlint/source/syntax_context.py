"""What the expression around a call needs of a replacement."""

import ast
from typing import Final

from einlint.rewriting.dialects.text import Precedence
from einlint.source.operands import operator_precedence

_QUOTES: Final = frozenset("'\"")


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
    line = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    return before.endswith("(") and "#" not in line and text[end:].lstrip().startswith(")")


def is_word(character: str) -> bool:
    """Whether the character, or none at an end of the text, can be part of a name or a string."""
    return character.isidentifier() or character.isdecimal() or character in _QUOTES


def _beside(operator: ast.operator, *, is_left: bool) -> Precedence:
    precedence = operator_precedence(operator)
    if isinstance(operator, ast.Pow):
        return Precedence.AWAIT if is_left else Precedence.UNARY
    return precedence if is_left else Precedence(precedence + 1)
