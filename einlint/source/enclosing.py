"""The function that a piece of code stands in, by name."""

import ast
from collections.abc import Mapping

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def enclosing_function(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> str:
    """The names of the functions and classes around `node`, outermost first, with dots.

    Empty for code of the module; decorators and defaults are inside of what they belong to.
    """
    names: list[str] = []
    current = parents.get(node)
    while current is not None:
        if isinstance(current, _NAMED):
            names.append(current.name)
        current = parents.get(current)
    return ".".join(reversed(names))
