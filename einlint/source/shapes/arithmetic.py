"""Python's binary operators on tensors, integers and other numbers."""

import ast

from einlint.algebra.amounts import Amount, Symbols, added, multiplied
from einlint.algebra.sizes import Symbol
from einlint.source.shapes.operations import elementwise, matmul, same
from einlint.source.shapes.sizing import amount_of, is_scalar
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Given, Number, Scalar, Thing, Value


def binary(operator: ast.operator, left: Value, right: Value, state: State) -> Value | None:
    """Python's operators on tensors, integers and other numbers."""
    if isinstance(operator, ast.MatMult):
        return matmul(Given((left, right)), state)
    result = combined(left, right, state)
    if result is not None:
        return result
    if isinstance(left, Scalar) or isinstance(right, Scalar):
        return Scalar(_symbols(left) | _symbols(right)) if _is_plain(left, right) else None
    return _arithmetic(operator, left, right, state)


def combined(left: Value, right: Value, state: State) -> Value | None:
    """Two operands of which one is a tensor, element by element: arithmetic and comparisons."""
    if state.shape(left) is not None or state.shape(right) is not None:
        return elementwise(Given((left, right)), state)
    things = [each for each in (left, right) if isinstance(each, Thing) and _is_known(each, state)]
    if len({each.shape_identity for each in things}) != 1:
        return None
    is_other_plain = len(things) == 2 or is_scalar(left, state) or is_scalar(right, state)
    return same(Given((things[0],)), state) if is_other_plain else None


def _arithmetic(operator: ast.operator, left: Value, right: Value, state: State) -> Value | None:
    first, second = amount_of(left), amount_of(right)
    if first is None or second is None:
        return None
    used = first.symbols | second.symbols
    if isinstance(operator, (ast.Div, ast.Pow)):
        return Scalar(used)
    result = _amount(operator, first, second, state.symbols)
    if result is None:
        return None
    doubtful = used & state.symbols.doubtful
    # `x - x` is 0 for numbers only: of tensors it is one more tensor.
    is_opaque = bool((result.symbols - used) & state.symbols.doubtful)
    is_kept = doubtful <= result.symbols or is_opaque
    return Number(result) if is_kept else None


def _amount(operator: ast.operator, left: Amount, right: Amount, symbols: Symbols) -> Amount | None:
    match operator:
        case ast.Add():
            return symbols.bounded(added(left, right))
        case ast.Sub():
            return symbols.bounded(added(left, right, -1))
        case ast.Mult():
            return symbols.bounded(multiplied(left, right))
        case ast.FloorDiv() if right.constant != 0:
            return symbols.quotient(left, right)
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


def _is_known(thing: Thing, state: State) -> bool:
    return thing.is_tensor or thing.shape_identity in state.shapes
