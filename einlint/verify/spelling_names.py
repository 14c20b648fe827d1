"""Short names for spellings, by the operation that does the work: `einsum`, `matmul`, `bmm`."""

import ast
from collections import Counter
from collections.abc import Sequence
from typing import Final

from einlint.source.parsing import expression_of

_VIEWS: Final = frozenset(
    (
        *("T", "mT", "H", "mH", "t", "transpose", "swapaxes", "permute", "movedim", "contiguous"),
        *("reshape", "view", "flatten", "unflatten", "squeeze", "unsqueeze", "expand", "diagonal"),
    )
)
_OPERATORS: Final = ((ast.MatMult, "matmul"), (ast.Mult, "mul"), (ast.Add, "add"))


def spelling_names(texts: Sequence[str]) -> tuple[str, ...]:
    """A name for each text; equal ones get numbers: `matmul`, `matmul 2`.

    Raises:
        SyntaxError: a text is no expression; what has run once is one.
    """
    seen: Counter[str] = Counter()
    names = []
    for name in (_operation(expression_of(text)) for text in texts):
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return tuple(names)


def _operation(node: ast.expr) -> str:
    """The outermost operation that is no view; the outermost view if there is no other."""
    outermost = None
    while True:
        name, inner = _name_of(node), _inside(node)
        outermost = outermost or name
        if name is not None and name not in _VIEWS:
            return name
        if inner is None:
            return outermost or "value"
        node = inner


def _name_of(node: ast.expr) -> str | None:
    match node:
        case ast.BinOp(op=operator):
            found = (name for kind, name in _OPERATORS if isinstance(operator, kind))
            return next(found, type(operator).__name__.lower())
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name
        case ast.Attribute(attr=name):
            return name
    return None


def _inside(node: ast.expr) -> ast.expr | None:
    """What a view is made of: its receiver, or the first argument of a function of torch."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="torch")), args=[first, *_]):
            return first
        case ast.Call(func=ast.Attribute(value=receiver)):
            return receiver
        case ast.Attribute(value=inner) | ast.Subscript(value=inner):
            return inner
    return None
