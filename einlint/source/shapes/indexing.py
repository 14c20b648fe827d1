"""Subscripts of tensors."""

import ast
from collections.abc import Callable
from typing import TypeAlias

from einlint.algebra.equation import ELLIPSIS
from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.sizing import is_scalar, is_tensor, lifted
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Number, Thing, Value

Evaluate: TypeAlias = Callable[[ast.expr, State], Value]


def indexed(evaluate: Evaluate, owner: Value, nodes: list[ast.expr], state: State) -> Value | None:
    """A tensor indexed by integers, slices, None and one ellipsis."""
    found = [_index(evaluate, each, state) for each in nodes]
    kinds = [kind for kind in found if kind is not None]
    if len(kinds) < len(found) or kinds.count(ELLIPSIS) > 1:
        return None
    if isinstance(owner, Thing) and not is_tensor(owner, state):
        return None
    if ELLIPSIS not in kinds:
        kinds.append(ELLIPSIS)
    extra = kinds.count("new") - kinds.count("at")
    return lifted(owner, lambda shape: _taken(shape, kinds, state), state, extra)


def _taken(shape: Shape, kinds: list[str], state: State) -> Shape | None:
    left = len(shape) - sum(kind in {":", "cut", "at"} for kind in kinds)
    if left < 0:
        return None
    axes: list[Axis] = []
    rest = list(shape)
    for kind in kinds:
        if kind == "new":
            axes.append(Axis(1, state.text, state.offset))
        elif kind == ELLIPSIS:
            axes += rest[:left]
            del rest[:left]
        else:
            axis = rest.pop(0)
            axes += {":": [axis], "cut": [state.unknown()], "at": []}[kind]
    return tuple(axes)


def _index(evaluate: Evaluate, node: ast.expr, state: State) -> str | None:
    match node:
        case ast.Slice(lower=None, upper=None, step=None):
            return ":"
        case ast.Slice():
            for each in (node.lower, node.upper, node.step):
                if each is not None:
                    evaluate(each, state)
            return "cut"
        case ast.Constant(value=None):
            return "new"
        case ast.Constant() if node.value is ...:
            return ELLIPSIS
    value = evaluate(node, state)
    is_integer = isinstance(value, Number) and is_scalar(value, state)
    return "at" if is_integer else None
