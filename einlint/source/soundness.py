"""What a file may do that leaves no claim about its sizes sure."""

import ast
from typing import Final

from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.operators import KNOWN
from einlint.source.scopes import ScopeKind

_RESHAPING: Final = frozenset(
    {
        *("unsqueeze_", "squeeze_", "transpose_", "t_", "resize_", "resize_as_", "set_"),
        *("swapaxes_", "swapdims_", "as_strided_", "rename_"),
    }
)
_HOOKS: Final = frozenset(
    f"register_{name}hook" for name in ("forward_", "forward_pre_", "module_forward_")
)
_CHANGING: Final = _RESHAPING | _HOOKS
_NAMESPACES: Final = frozenset({"exec", "globals"})
_NAMESPACES_OF_MODULES: Final = frozenset({"locals", "vars"})
_NAMES: Final = _NAMESPACES | _NAMESPACES_OF_MODULES
_LIBRARIES: Final = frozenset(
    {"torch", "torch.Tensor", "torch.nn", "torch.nn.functional", "torch.nn.Module", "einops"}
)


def is_unsure(bound: BoundModule) -> bool:
    """Whether a tensor, a name, a layer or torch itself may be changed behind our back.

    Every other name of a tensor whose shape changes in place would see it.
    """
    return (
        not _CHANGING.isdisjoint(bound.named(ast.Attribute))
        or any(
            _is_namespace(each, bound)
            for name in _NAMES
            for each in bound.named(ast.Name).get(name, ())
        )
        or any(each.arg == "out" for each in bound.of_kind(ast.keyword))
        or any(_replaces(owner, name, bound) for owner, name in bound.patches)
    )


def _is_namespace(node: ast.Name, bound: BoundModule) -> bool:
    """Whether it is what binds names that only a run tells."""
    if node.id in _NAMESPACES:
        return True
    is_local = node.id in _NAMESPACES_OF_MODULES
    return is_local and bound.scopes[node].kind is ScopeKind.MODULE


def _replaces(owner: ast.expr | None, name: str, bound: BoundModule) -> bool:
    """Whether setting an attribute replaces a shape, what a layer computes, or a torch function."""
    if name in {"data", "shape", "forward"}:
        return True
    if owner is None:
        return name in KNOWN or name == "einsum"
    is_own = isinstance(owner, ast.Name) and owner.id == "self"
    return (name in {"weight", "bias"} and not is_own) or (
        dotted_path(owner, bound.scopes[owner]) in _LIBRARIES
    )
