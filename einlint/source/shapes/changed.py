"""Whether a file may change what an nn.Sequential holds after it is made."""

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from einlint.source.binder import BoundModule
from einlint.source.names import last_name

_CHANGING: Final = frozenset(
    {"append", "insert", "extend", "pop", "add_module", "register_module", "_modules"}
)


def changes_modules(bound: BoundModule) -> bool:
    """Whether a name that is assigned an nn.Sequential is used for more than to call it.

    Under another name, as an item or as an argument it could be changed unseen; the attributes
    that change nothing, and `map`, are let pass.
    """
    names = _assigned(bound.of_kind(ast.Assign))
    if not names:
        return False
    used: list[ast.Name | ast.Attribute]
    used = [*bound.of_kind(ast.Name), *bound.of_kind(ast.Attribute)]
    found = [node for node in used if isinstance(node.ctx, ast.Load) and last_name(node) in names]
    around = (*bound.of_kind(ast.Call), *bound.of_kind(ast.Attribute))
    harmless = {id(each) for node in around for each in _harmless(node)} if found else set()
    return any(id(node) not in harmless for node in found)


def _harmless(node: ast.AST) -> Iterator[ast.expr]:
    """The parts of a node that are used in a way which changes nothing."""
    match node:
        case ast.Call(func=ast.Name("map"), args=args):
            yield from args
        case ast.Call(func=function):
            yield function
        case ast.Attribute(value=owner, attr=name) if name not in _CHANGING:
            yield owner


def _assigned(nodes: Iterable[ast.Assign]) -> set[str]:
    return {
        last_name(target)
        for node in nodes
        if isinstance(node.value, ast.Call) and last_name(node.value.func) == "Sequential"
        for target in node.targets
    }
