"""The shapes that jaxtyping annotations promise: `Float[Tensor, "b n d"]`."""

import ast
from typing import TypeAlias

from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path

Axes: TypeAlias = tuple[int | str | None, ...]


def promised_axes(node: ast.expr | None, bound: BoundModule) -> Axes | None:
    """The axes in an annotation, taken at its word; None where their number is open."""
    match node:
        case ast.Subscript(
            value=(ast.Name() | ast.Attribute()) as kind,
            slice=ast.Tuple(
                elts=[(ast.Name() | ast.Attribute()) as array, ast.Constant(value=str() as text)]
            ),
        ):
            scope = bound.scopes[node]
            is_known = (dotted_path(kind, scope) or "").startswith("jaxtyping.")
            if is_known and dotted_path(array, scope) == "torch.Tensor":
                return _axes(text.split())
    return None


def _axes(tokens: list[str]) -> Axes | None:
    if any("..." in token or "*" in token for token in tokens):
        return None
    return tuple(map(_axis, tokens))


def _axis(token: str) -> int | str | None:
    """A number or a name; what may broadcast or is computed is unknown."""
    name, _, value = token.rpartition("=")
    if value.isdecimal() and (not name or name.isidentifier()):
        return int(value)
    return token if token.isidentifier() and not token.startswith("_") else None
