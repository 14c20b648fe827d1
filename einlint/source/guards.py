"""What a test proves where it holds, and where it does not: equal sizes, whole shapes."""

import ast

from einlint.source.expressions import Expressions, State
from einlint.source.knowledge import AreEqual, HasShape
from einlint.source.terms import STARRED, Term


def assume(test: ast.expr, read: Expressions, state: State, *, holds: bool = True) -> None:
    """Go on where the test holds; or where it does not, as behind `if x.shape != y: raise`."""
    both, equal = (ast.And, ast.Eq) if holds else (ast.Or, ast.NotEq)
    match test:
        case ast.BoolOp(op=operator, values=values) if isinstance(operator, both):
            for each in values:
                assume(each, read, state, holds=holds)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            assume(operand, read, state, holds=not holds)
        case ast.Compare(left=left, ops=[comparison], comparators=[right]):
            if isinstance(comparison, equal):
                _equal(read.read(left, state), read.read(right, state), state)


def _equal(left: Term, right: Term, state: State) -> None:
    match left.operator, right.operator:
        case ("shape", "tuple"):
            if not any(each.operator == STARRED for each in right.operands):
                fact = HasShape(left.operands[0], right.operands, state.line)
                state.knowledge = state.knowledge.with_fact(fact)
        case ("tuple", "shape"):
            _equal(right, left, state)
        case _:
            state.knowledge = state.knowledge.with_fact(AreEqual(left, right, state.line))
