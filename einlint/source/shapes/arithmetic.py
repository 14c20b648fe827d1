"""Python's binary operators on tensors, integers and other numbers."""

import ast

from einlint.algebra.amounts import added, multiplied
from einlint.algebra.sizes import Symbol
from einlint.source.shapes.operations import amount_of, elementwise, is_scalar, matmul
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Given, Number, Scalar, Thing, Value


def binary(operator: ast.operator, left: Value, right: Value, state: State) -> Value | None:
    """Python's operators on tensors, integers and other numbers."""
    if isinstance(operator, ast.MatMult):
        return matmul(Given((left, right)), state)
    if state.shape(left) is not None or state.shape(right) is not None:
        return elementwise(Given((left, right)), state)
    if isinstance(left, Thing) and is_scalar(right, state) and left.shape_identity in state.shapes:
        return Thing("?", state.symbols.identity(), left.shape_identity, is_tensor=True)
    if isinstance(left, Scalar) or isinstance(right, Scalar):
        return Scalar(_symbols(left) | _symbols(right)) if _is_plain(left, right) else None
    return _arithmetic(operator, left, right, state)


def _arithmetic(operator: ast.operator, left: Value, right: Value, state: State) -> Value | None:
    first, second = amount_of(left), amount_of(right)
    if first is None or second is None:
        return None
    bounded = state.symbols.bounded
    match operator:
        case ast.Add():
            return Number(bounded(added(first, second)))
        case ast.Sub():
            return Number(bounded(added(first, second, -1)))
        case ast.Mult():
            return Number(bounded(multiplied(first, second)))
        case ast.FloorDiv() if second.constant != 0:
            return Number(state.symbols.quotient(first, second))
        case ast.Div() | ast.Pow():
            return Scalar(first.symbols | second.symbols)
    return None


def _is_plain(*values: Value) -> bool:
    """Whether they are numbers, if the symbols in them are."""
    return all(
        isinstance(value, (Number, Scalar)) or (isinstance(value, Thing) and not value.is_tensor)
        for value in values
    )


def _symbols(value: Value) -> frozenset[Symbol]:
    match value:
        case Number(amount=amount):
            return amount.symbols
        case Scalar(symbols=symbols):
            return symbols
        case Thing():
            return frozenset({value.symbol})
    return frozenset()
