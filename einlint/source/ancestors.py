"""The nodes around a node, from the inside."""

import ast
from collections.abc import Iterator, Mapping

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def ancestors(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """The nodes around `node`, the innermost first, the module last."""
    current = parents.get(node)
    while current is not None:
        yield current
        current = parents.get(current)


def enclosing_function(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> str:
    """The names of the functions and classes around `node`, outermost first, with dots.

    Empty at the top level; decorators and defaults count as inside of their function.
    """
    names = [each.name for each in ancestors(node, parents) if isinstance(each, _NAMED)]
    return ".".join(reversed(names))
