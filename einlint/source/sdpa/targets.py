"""The names that statements bind."""

import ast
from collections.abc import Iterator


def attribute_of(node: ast.Attribute) -> str:
    """What an attribute of a name is called among the names; no name has a dot."""
    return f"{node.value.id}.{node.attr}" if isinstance(node.value, ast.Name) else "."


def bound_by(node: ast.stmt) -> Iterator[ast.Name]:
    """The names that an assignment binds."""
    match node:
        case ast.Assign(targets=targets):
            for each in targets:
                yield from names_in(each)
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            yield from names_in(target)


def names_in(target: ast.expr) -> Iterator[ast.Name]:
    """The names in a target."""
    match target:
        case ast.Name():
            yield target
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for each in parts:
                yield from names_in(each)
        case ast.Starred(value=inner):
            yield from names_in(inner)
