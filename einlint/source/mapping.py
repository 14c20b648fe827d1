"""`map(f, xs)` and `(... for x in xs)` that are unpacked at once."""

import ast

from einlint.source.expressions import Expressions, State
from einlint.source.terms import CALL, PATH, TUPLE, Term
from einlint.source.unpacking import parts_of


def mapped(expressions: Expressions, node: ast.expr, count: int, state: State) -> Term | None:
    """The results as a tuple; None where it is nothing of the kind."""
    match node:
        case ast.Call(func=ast.Name(id="map"), args=[function, items], keywords=[]):
            if expressions.bound.scopes[node].owner("map"):
                return None
            if isinstance(function, ast.Lambda):
                name = _only_parameter(function.args)
                if name is None:
                    return None
                parts = _parts(expressions, items, count, state)
                return _for_each(expressions, name, function.body, parts, state)
            parts = _parts(expressions, items, count, state)
            each = enumerate(parts or ())
            results = tuple(_applied(expressions, function, *part, state) for part in each)
            return None if parts is None else Term(TUPLE, results, line=state.line)
        case (
            ast.GeneratorExp(elt=body, generators=[one]) | ast.ListComp(elt=body, generators=[one])
        ) if isinstance(one.target, ast.Name) and not one.ifs and not one.is_async:
            parts = _parts(expressions, one.iter, count, state)
            return _for_each(expressions, one.target.id, body, parts, state)
    return None


def _only_parameter(arguments: ast.arguments) -> str | None:
    names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    is_plain = len(names) == 1 and arguments.args and not arguments.vararg and not arguments.kwarg
    return names[0].arg if is_plain else None


def _applied(
    expressions: Expressions, function: ast.expr, place: int, value: Term, state: State
) -> Term:
    """A function by its name or a layer, called once: for one of several values."""
    callee = expressions.read(function, state)
    known = callee.detail if callee.operator == PATH else None
    path = known if isinstance(known, str) else None
    given = Term(CALL, (value,), detail=path, line=state.line)
    result = expressions.applied(function, path, callee, given, state)
    if result is not given or path is not None:
        return result
    # Of a function that is not known no two calls make the same.
    return Term(CALL, (value,), detail=f"{ast.dump(function)} {place}", line=state.line)


def _parts(
    expressions: Expressions, items: ast.expr, count: int, state: State
) -> tuple[Term, ...] | None:
    """What is in a tuple, or in whatever turns out to be so long."""
    return parts_of(expressions.read(items, state), ("",) * count, state)


def _for_each(
    expressions: Expressions,
    name: str,
    body: ast.expr,
    parts: tuple[Term, ...] | None,
    state: State,
) -> Term | None:
    if parts is None:
        return None
    outside = state.names
    results: list[Term] = []
    for part in parts:
        state.names = {**outside, name: part}
        results.append(expressions.read(body, state))
    state.names = outside
    return Term(TUPLE, tuple(results), line=state.line)
