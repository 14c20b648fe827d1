"""Whether a file changes what an nn.Sequential holds after it is made."""

import ast
from collections.abc import Iterable
from typing import Final

from einlint.source.names import last_name

_CHANGING: Final = frozenset({"append", "insert", "extend", "pop", "add_module", "register_module"})


def changes_modules(nodes: Iterable[ast.AST]) -> bool:
    """By a method or a subscript of a name that is assigned an nn.Sequential anywhere."""
    changed: set[str] = set()
    has_any = False
    for node in nodes:
        match node:
            case ast.Attribute(value=owner, attr=name) if name in _CHANGING:
                changed.add(last_name(owner))
            case ast.Subscript(value=owner, ctx=ast.Store() | ast.Del()):
                changed.add(last_name(owner))
            case ast.Call(func=function) if last_name(function) == "Sequential":
                has_any = True
    return has_any and bool(changed & _assigned(nodes))


def _assigned(nodes: Iterable[ast.AST]) -> set[str]:
    return {
        last_name(target)
        for node in nodes
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and last_name(node.value.func) == "Sequential"
        for target in node.targets
    }
