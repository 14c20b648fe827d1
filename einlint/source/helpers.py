"""Functions of the file that are one expression, such as a norm, and what a call passes to them."""

import ast
from typing import NamedTuple

from einlint.source.binder import BoundModule
from einlint.source.scopes import OpaqueBinding, ScopeKind
from einlint.source.terms import Term, constant, free


class Helper(NamedTuple):
    """The parameters and the expression that is returned."""

    arguments: ast.arguments
    body: ast.expr


def function_of(function: ast.expr, bound: BoundModule) -> ast.FunctionDef | None:
    """The function of a name that the module binds once, without decorators."""
    if not isinstance(function, ast.Name):
        return None
    owner = bound.scopes[function].owner(function.id)
    if owner is None or owner.kind is not ScopeKind.MODULE or owner.star_imports:
        return None
    if function.id in owner.shared or function.id in bound.patched_names():
        return None
    match owner.bindings[function.id]:
        case [OpaqueBinding(node=ast.FunctionDef(decorator_list=[]) as node)]:
            return node
    return None


def helper_of(function: ast.expr, bound: BoundModule) -> Helper | None:
    """The same, if it is one expression."""
    node = function_of(function, bound)
    match node.body if node is not None else []:
        case [ast.Return(value=ast.expr() as body)] | [
            ast.Expr(value=ast.Constant()),
            ast.Return(value=ast.expr() as body),
        ] if node is not None:
            return Helper(node.args, body)
    return None


def argument_terms(arguments: ast.arguments, given: Term) -> dict[str, Term] | None:
    """The parameters with their values; None where a call does not fit."""
    places = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    names = [*places, *(each.arg for each in arguments.kwonlyargs)]
    if arguments.vararg or arguments.kwarg or len(given.positional) > len(places):
        return None
    terms = {name: free(name, given.line) for name in names}
    for name, default in defaults(arguments).items():
        if isinstance(default, ast.Constant):
            terms[name] = constant(default.value, given.line)
    terms |= dict(zip(places, given.positional, strict=False))
    terms |= given.keywords
    return terms if len(terms) == len(names) else None


def defaults(arguments: ast.arguments) -> dict[str, ast.expr | None]:
    """The default of each parameter that has one."""
    plain = [*arguments.posonlyargs, *arguments.args]
    count = len(arguments.defaults)
    pairs = zip(plain[len(plain) - count :], arguments.defaults, strict=True)
    by_name = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return {each.arg: default for each, default in (*pairs, *by_name)}
