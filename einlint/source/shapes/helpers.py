"""Functions of the file that are one expression, such as a norm, and what a call passes to them."""

import ast
from dataclasses import dataclass

from einlint.algebra.amounts import constant
from einlint.source.binder import BoundModule
from einlint.source.scopes import OpaqueBinding, ScopeKind
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Given, Number, Value


@dataclass(frozen=True, slots=True)
class Helper:
    """The parameters and the expression that is returned."""

    arguments: ast.arguments
    body: ast.expr


def helper_of(function: ast.expr, bound: BoundModule) -> Helper | None:
    """The function of a name that the module binds once, without decorators."""
    if not isinstance(function, ast.Name):
        return None
    owner = bound.scopes[function].owner(function.id)
    if owner is None or owner.kind is not ScopeKind.MODULE or owner.star_imports:
        return None
    if function.id in owner.shared or any(name == function.id for _, name in bound.patches):
        return None
    match owner.bindings[function.id]:
        case [OpaqueBinding(node=ast.FunctionDef(decorator_list=[]) as node)]:
            match node.body:
                case [ast.Return(value=ast.expr() as body)] | [
                    ast.Expr(value=ast.Constant()),
                    ast.Return(value=ast.expr() as body),
                ]:
                    return Helper(node.args, body)
    return None


def argument_values(
    arguments: ast.arguments, given: Given, state: State
) -> dict[str, Value] | None:
    """The parameters with their values; None where a call does not fit."""
    places = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    names = [*places, *(each.arg for each in arguments.kwonlyargs)]
    if arguments.vararg or arguments.kwarg or len(given.positional) > len(places):
        return None
    values: dict[str, Value] = {name: state.thing(name) for name in names}
    values |= _defaults(places, arguments)
    values |= dict(zip(places, given.positional, strict=False))
    values |= dict(given.keywords)
    return values if len(values) == len(names) else None


def _defaults(places: list[str], arguments: ast.arguments) -> dict[str, Value]:
    """The defaults that are integers."""
    count = len(arguments.defaults)
    pairs = zip(places[len(places) - count :], arguments.defaults, strict=True)
    return {
        name: Number(constant(node.value))
        for name, node in pairs
        if isinstance(node, ast.Constant) and type(node.value) is int
    }
