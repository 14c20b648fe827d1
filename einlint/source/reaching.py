"""The statement that binds a name last before a call, in the same function."""

import ast
from collections.abc import Mapping
from typing import Final, TypeAlias

from einlint.source.binder import BoundModule
from einlint.source.scopes import Binding, ImportBinding, ScopeKind, ValueBinding

_Parents: TypeAlias = Mapping[ast.AST, ast.AST]
_ASSIGNMENTS: Final = (ast.Assign, ast.AnnAssign, ast.AugAssign)
# What stands in these has run wherever what follows them runs.
_TRANSPARENT: Final = (ast.With, ast.AsyncWith)


def reaching_binding(name: str, call: ast.expr, bound: BoundModule) -> ast.stmt | ast.arg | None:
    """The nearest statement before the call, or the parameter, that binds the name.

    None where that may not have run, or another function may bind the name too.
    """
    home = bound.scopes[call]
    owner = home.owner(name)
    while home.kind is ScopeKind.COMPREHENSION and home.parent is not None:
        home = home.parent
    if owner is not home or name in home.shared:
        return None
    around = _around(call, bound.parents)
    nodes = [_node(each) for each in home.bindings[name]]
    for node in sorted(nodes, key=_start, reverse=True):
        binding = _statement(node, bound.parents)
        if binding is None or isinstance(binding, ast.arg):
            return binding
        is_own = isinstance(binding, _ASSIGNMENTS) and binding in around
        if is_own or _start(node) > _start(call):
            continue
        path = _path(binding, around, bound.parents)
        if not _is_elsewhere(path[-1], around, bound.parents):
            has_run = all(isinstance(each, _TRANSPARENT) for each in path[1:])
            return binding if has_run else None
    return None


def _around(node: ast.AST, parents: _Parents) -> dict[ast.AST, ast.AST]:
    """Everything around a node, each with the part of it that the node is in."""
    around: dict[ast.AST, ast.AST] = {}
    while (parent := parents.get(node)) is not None:
        around[parent] = node
        node = parent
    return around


def _node(binding: Binding) -> ast.AST:
    match binding:
        case ImportBinding(statement=statement):
            return statement
        case ValueBinding(value=value):
            return value
    return binding.node


def _start(node: ast.AST) -> tuple[int, int]:
    """Its row and column; those of `*args` are not kept, and come first."""
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _statement(node: ast.AST, parents: _Parents) -> ast.stmt | ast.arg | None:
    current: ast.AST | None = node
    while current is not None and not isinstance(current, (ast.stmt, ast.arg)):
        current = parents.get(current)
    return current


def _path(statement: ast.stmt, around: _Parents, parents: _Parents) -> list[ast.AST]:
    """From the statement outwards, up to where it and the call are in one block or fork."""
    path: list[ast.AST] = [statement]
    while (parent := parents[path[-1]]) not in around:
        path.append(parent)
    return path


def _is_elsewhere(arm: ast.AST, around: _Parents, parents: _Parents) -> bool:
    """Whether this part of an `if` or a `match` excludes the one that the call is in."""
    fork = parents[arm]
    if isinstance(fork, ast.If):
        return (arm in fork.body) != (around[fork] in fork.body)
    return isinstance(fork, ast.Match) and arm is not around[fork]
