"""The nodes around a node, from the inside; the statements in one, from the outside."""

import ast
from collections import deque
from collections.abc import Iterator, Mapping

_BODIES = ("body", "handlers", "orelse", "finalbody", "cases")
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


def statements_in(node: ast.stmt) -> Iterator[ast.stmt]:
    """A statement and all that are in it, in the order of `ast.walk`, which visits all else too."""
    pending: deque[ast.AST] = deque((node,))
    while pending:
        current = pending.popleft()
        if isinstance(current, ast.stmt):
            yield current
        for name in _BODIES:
            pending.extend(getattr(current, name, ()))
