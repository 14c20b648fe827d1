"""`map(f, xs)` and `(... for x in xs)` that are unpacked at once."""

import ast

from einlint.source.shapes.calling import function_value
from einlint.source.shapes.evaluator import Evaluator
from einlint.source.shapes.layers import applied
from einlint.source.shapes.state import State
from einlint.source.shapes.values import (
    Given,
    Items,
    Layer,
    Splice,
    Tensor,
    Value,
)


def mapped(evaluator: Evaluator, node: ast.expr, count: int, state: State) -> Value | None:
    """`map(lambda t: ..., xs)` and `(... for t in xs)` that are unpacked at once."""
    match node:
        case ast.Call(func=ast.Name(id="map"), args=[each, items], keywords=[]):
            if evaluator.bound.scopes[node].owner("map"):
                return None
            if isinstance(each, ast.Lambda):
                return _mapped_lambda(evaluator, each, items, count, state)
            parts = _parts(evaluator, items, count, state)
            results = [_applied(evaluator, each, part, state) for part in parts or ()]
            return None if parts is None else Items(tuple(results))
        case (
            ast.GeneratorExp(elt=body, generators=[one]) | ast.ListComp(elt=body, generators=[one])
        ):
            if isinstance(one.target, ast.Name) and not one.ifs and not one.is_async:
                return _for_each(
                    evaluator, one.target.id, body, _parts(evaluator, one.iter, count, state), state
                )
    return None


def _mapped_lambda(
    evaluator: Evaluator, each: ast.Lambda, items: ast.expr, count: int, state: State
) -> Value | None:
    arguments = each.args
    names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    if len(names) != 1 or not arguments.args or arguments.vararg or arguments.kwarg:
        return None
    return _for_each(
        evaluator, names[0].arg, each.body, _parts(evaluator, items, count, state), state
    )


def _applied(evaluator: Evaluator, function: ast.expr, value: Value, state: State) -> Value:
    """A function by its name, a layer, or `partial(function, name=value)`, called once."""
    named: tuple[tuple[str, Value], ...] = ()
    if isinstance(function, ast.Call) and len(function.args) == 1:
        if evaluator.path(function.func) != "functools.partial":
            return state.thing()
        given = evaluator.given(function, state)
        if given is None:
            return state.thing()
        named, function = given.keywords, function.args[0]
    path = evaluator.path(function)
    if path is not None:
        known = function_value(path, Given((value,), named), state)
    elif not named:
        known = evaluator.helper(function, Given((value,)), state)
        layer = evaluator.value(function, state)
        if known is None and isinstance(layer, Layer) and evaluator.is_fixed(layer):
            known = applied(layer, value, state)
    else:
        known = None
    return state.thing() if known is None else known


def _parts(evaluator: Evaluator, items: ast.expr, count: int, state: State) -> list[Value] | None:
    """What is in a tuple, or in a tensor that turns out to be so long."""
    value = evaluator.value(items, state)
    shape = state.shape(value)
    if shape:
        return [Tensor(shape[1:])] * count
    if not isinstance(value, Items):
        return [state.thing() for _ in range(count)]
    kept = [part for part in value.parts if not isinstance(part, Splice)]
    return kept if len(kept) == len(value.parts) else None


def _for_each(
    evaluator: Evaluator, name: str, body: ast.expr, parts: list[Value] | None, state: State
) -> Value | None:
    if parts is None:
        return None
    outside = state.values
    results: list[Value | Splice] = []
    for part in parts:
        state.values = {**outside, name: part}
        results.append(evaluator.value(body, state))
    state.values = outside
    return Items(tuple(results))
