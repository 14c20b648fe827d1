"""What a test proves where it holds, and where it does not: equal sizes, whole shapes."""

import ast

from einlint.algebra.sizes import Axis, Shape, Size, Symbol
from einlint.source.shapes.evaluator import Evaluator
from einlint.source.shapes.sizing import sizes
from einlint.source.shapes.state import Partial, State
from einlint.source.shapes.values import Items, Number, ShapeOf, Splice, Tensor, Value


def assume(test: ast.expr, evaluator: Evaluator, state: State, *, holds: bool = True) -> None:
    """Go on where the test holds; or where it does not, as behind `if x.shape != y: raise`."""
    both, equal = (ast.And, ast.Eq) if holds else (ast.Or, ast.NotEq)
    match test:
        case ast.BoolOp(op=operator, values=values) if isinstance(operator, both):
            for each in values:
                assume(each, evaluator, state, holds=holds)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            assume(operand, evaluator, state, holds=not holds)
        case ast.Compare(left=left, ops=[comparison], comparators=[right]) if isinstance(
            comparison, equal
        ):
            _equal(evaluator.value(left, state), evaluator.value(right, state), state)


def _equal(left: Value, right: Value, state: State) -> None:
    match left, right:
        case (ShapeOf(thing=thing), Items(parts=parts)) | (
            Items(parts=parts),
            ShapeOf(thing=thing),
        ):
            shape = sizes(parts, state)
            if shape is not None and state.ranked(thing, len(parts)) is not None:
                # What was learned of single axes stays true beside it.
                known = state.shapes[thing.shape_identity]
                state.shapes[thing.shape_identity] = Partial(known.axes, shape)
        case Items(parts=ours), Items(parts=others) if len(ours) == len(others):
            for one, other in zip(ours, others, strict=True):
                if not isinstance(one, Splice) and not isinstance(other, Splice):
                    _equal(one, other, state)
        case Number(amount=one), Number(amount=other):
            first, second = state.symbols.size(one), state.symbols.size(other)
            if isinstance(first, Symbol) and first in state.symbols.measured:
                _replace(first, second, state)
            elif isinstance(second, Symbol) and second in state.symbols.measured:
                _replace(second, first, state)


def _replace(symbol: Symbol, size: Size, state: State) -> None:
    """Say `size` wherever the symbol stands by itself."""
    for name, value in state.values.items():
        state.values[name] = _replaced(value, symbol, size, state)
    for identity, known in state.shapes.items():
        axes = tuple((place, _axis(axis, symbol, size, state)) for place, axis in known.axes)
        shape = None if known.shape is None else _shape(known.shape, symbol, size, state)
        state.shapes[identity] = Partial(axes, shape)


def _replaced(value: Value, symbol: Symbol, size: Size, state: State) -> Value:
    match value:
        case Tensor(shape=shape):
            return Tensor(_shape(shape, symbol, size, state))
        case Number(amount=amount) if state.symbols.size(amount) == symbol:
            return Number(state.symbols.amount(size))
    return value


def _shape(shape: Shape, symbol: Symbol, size: Size, state: State) -> Shape:
    return tuple(_axis(axis, symbol, size, state) for axis in shape)


def _axis(axis: Axis, symbol: Symbol, size: Size, state: State) -> Axis:
    return Axis(size, state.text, state.offset) if axis.size == symbol else axis
