"""Subscripts of tensors."""

import ast
from collections.abc import Callable
from typing import TypeAlias

from einlint.algebra.equation import ELLIPSIS
from einlint.algebra.sizes import Axis
from einlint.source.shapes.sizing import is_scalar
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Number, Tensor, Value

Evaluate: TypeAlias = Callable[[ast.expr, State], Value]


def indexed(evaluate: Evaluate, owner: Value, nodes: list[ast.expr], state: State) -> Value | None:
    """A tensor indexed by integers, full slices, None and one ellipsis."""
    shape = state.shape(owner)
    if shape is None:
        for each in nodes:
            if not isinstance(each, ast.Slice):
                evaluate(each, state)
        return None
    kinds = [_index(evaluate, each, state) for each in nodes]
    if None in kinds or kinds.count(ELLIPSIS) > 1:
        return None
    taken = sum(kind in {":", "cut", "at"} for kind in kinds)
    if taken > len(shape):
        return None
    if ELLIPSIS not in kinds:
        kinds.append(ELLIPSIS)
    axes: list[Axis] = []
    rest = list(shape)
    for kind in kinds:
        if kind == "new":
            axes.append(Axis(1, state.text, state.row))
        elif kind == ELLIPSIS:
            axes += rest[: len(shape) - taken]
            del rest[: len(shape) - taken]
        else:
            axis = rest.pop(0)
            axes += {":": [axis], "cut": [state.unknown()], "at": []}[kind or ""]
    return Tensor(tuple(axes))


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
