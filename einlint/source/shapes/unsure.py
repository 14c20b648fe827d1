"""What a file may do that leaves no claim about its sizes sure."""

import ast
from typing import Final

from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.scopes import ScopeKind
from einlint.source.shapes.calling import KNOWN

_RESHAPING: Final = frozenset(
    {
        *("unsqueeze_", "squeeze_", "transpose_", "t_", "resize_", "resize_as_", "set_"),
        *("swapaxes_", "swapdims_", "as_strided_", "rename_"),
    }
)
_HOOKS: Final = frozenset(
    f"register_{name}hook" for name in ("forward_", "forward_pre_", "module_forward_")
)
_NAMESPACES: Final = frozenset({"exec", "globals"})
_NAMESPACES_OF_MODULES: Final = frozenset({"locals", "vars"})
_LIBRARIES: Final = frozenset(
    {"torch", "torch.Tensor", "torch.nn", "torch.nn.functional", "torch.nn.Module", "einops"}
)


def is_unsure(bound: BoundModule) -> bool:
    """Whether a tensor, a name, a layer or torch itself may be changed behind our back.

    Every other name of a tensor whose shape changes in place would see it.
    """
    return any(_changes_unseen(node, bound) for node in bound.scopes) or any(
        _replaces(owner, name, bound) for owner, name in bound.patches
    )


def _changes_unseen(node: ast.AST, bound: BoundModule) -> bool:
    match node:
        case ast.Attribute(attr=name):
            return name in _RESHAPING or name in _HOOKS
        case ast.Name(id=name):
            is_module = bound.scopes[node].kind is ScopeKind.MODULE
            return name in _NAMESPACES or (is_module and name in _NAMESPACES_OF_MODULES)
        case ast.Call(keywords=keywords):
            return any(each.arg == "out" for each in keywords)
    return False


def _replaces(owner: ast.expr | None, name: str, bound: BoundModule) -> bool:
    """Whether setting an attribute replaces a shape, what a layer computes, or a torch function."""
    if name in {"data", "shape", "forward"}:
        return True
    if owner is None:
        return name in KNOWN
    is_own = isinstance(owner, ast.Name) and owner.id == "self"
    return (name == "weight" and not is_own) or (
        dotted_path(owner, bound.scopes[owner]) in _LIBRARIES
    )
