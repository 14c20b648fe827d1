"""The shapes that jaxtyping annotations promise: `Float[Tensor, "b n d"]`."""

import ast

from einlint.algebra.sizes import Axis, Shape
from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.shapes.state import State


def annotated_shape(node: ast.expr | None, bound: BoundModule, state: State) -> Shape | None:
    """The shape in an annotation, taken at its word; None where its rank is open.

    Args:
        node: the annotation.
        bound: the module it stands in.
        state: knows the axes that the function has named so far; one name is one size.
    """
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
                return _shape(text.split(), state)
    return None


def _shape(tokens: list[str], state: State) -> Shape | None:
    if any("..." in token or "*" in token for token in tokens):
        return None
    return tuple(_axis(token, state) for token in tokens)


def _axis(token: str, state: State) -> Axis:
    """A number or a name; what may broadcast or is computed is unknown."""
    name, _, value = token.rpartition("=")
    if value.isdecimal() and (not name or name.isidentifier()):
        return Axis(int(value), state.text, state.offset)
    if not token.isidentifier() or token.startswith("_"):
        return state.unknown()
    if token not in state.annotated:
        state.annotated[token] = Axis(state.symbols.fresh(token), state.text, state.offset)
    return state.annotated[token]
