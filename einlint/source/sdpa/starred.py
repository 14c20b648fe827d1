"""Names of torch that nothing in a file binds but a star import of another file, as `torch` itself.

A project may keep its imports in one file and import all of them from there. An attention is found
by what it computes, so its names are taken for what everybody calls so; a file that imports another
library of tensors may mean that one.
"""

import ast
from collections.abc import Mapping
from typing import Final

from einlint.source.binder import BoundModule, module_of
from einlint.source.imports import may_bring_torch, module_name
from einlint.source.scopes import ImportBinding

_TORCH: Final = "torch"
_MEANT: Final[Mapping[str, str]] = {
    _TORCH: _TORCH,
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "nnf": "torch.nn.functional",
    "np": "numpy",
    "math": "math",
}
# What `from torch.nn import *` binds, as far as an attention needs it.
_LAYERS: Final = {
    name: f"torch.nn.{name}" for name in ("Dropout", "Identity", "Parameter", "Softmax", "Linear")
}
OTHER_TENSORS: Final = frozenset(
    {
        *("jax", "flax", "haiku", "tensorflow", "keras", "paddle", "mxnet", "mindspore"),
        *("oneflow", "mlx", "jittor", "tinygrad", "megengine", "cupy"),
    }
)


def names_by_stars(bound: BoundModule) -> Mapping[str, str]:
    """The names that a file reads and does not bind, and the modules that they are taken for."""
    scope = bound.all_scopes[0]
    stars = scope.star_imports
    if not any(map(may_bring_torch, stars)) or not OTHER_TENSORS.isdisjoint(imported(bound)):
        return {}
    if not all(_is_at_top(bound.parents[each]) for each in stars):
        return {}
    layers = _LAYERS if all(module_of(each) == "torch.nn" for each in stars) else {}
    meant = {**_MEANT, **layers}
    names = {e.id for e in bound.of_kind(ast.Name) if e.id in meant and _is_unbound(e, bound)}
    is_known = any(
        isinstance(each, ImportBinding) and each.path == _TORCH for each in scope.lookup(_TORCH)
    )
    if names.isdisjoint({_TORCH, "nn"}) and not is_known:
        return {}
    return {name: path for name, path in meant.items() if name in names}


def _is_at_top(node: ast.AST) -> bool:
    """Whether what it holds is done in any case, or only where the file is run as a script."""
    match node:
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
    return isinstance(node, ast.Module)


def _is_unbound(node: ast.Name, bound: BoundModule) -> bool:
    return bound.scopes[node].owner(node.id) is None


def imported(bound: BoundModule) -> set[str]:
    """The libraries that a file imports."""
    plain = (each.name for node in bound.of_kind(ast.Import) for each in node.names)
    found = (module_of(node) for node in bound.of_kind(ast.ImportFrom))
    return {each.partition(".")[0] for each in (*plain, *found)}


def path_by_stars(node: ast.expr, bound: BoundModule, names: Mapping[str, str]) -> str | None:
    """The dotted name of what such a name has; None if it starts with no such name."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    is_free = bound.scopes[node].owner(node.id) is None
    return ".".join([names[node.id], *reversed(attributes)]) if is_free else None


def name_of_module(
    module: str, call: ast.Call, bound: BoundModule, names: Mapping[str, str]
) -> str | None:
    """What a module is called where a call stands."""
    known = module_name(module, call, bound)
    if known is not None:
        return known
    scope = bound.scopes[call]
    meant = (name for name, path in names.items() if path == module)
    return next((name for name in meant if scope.owner(name) is None), None)


def usual_name_of_module(module: str, call: ast.Call, bound: BoundModule) -> str | None:
    """The usual name of a module that the file imports by it, where no name surely refers to it."""
    usual = (name for name, path in _MEANT.items() if path == module)
    return next((name for name in usual if _is_imported_above(name, module, call, bound)), None)


def _is_imported_above(name: str, module: str, call: ast.Call, bound: BoundModule) -> bool:
    """Whether a file imports a module by its usual name, be it twice or ahead of a star import.

    Or in a `try`. What is read in spite of these is written in spite of them.
    """
    bindings = bound.scopes[call].lookup(name)
    imports = [each for each in bindings if isinstance(each, ImportBinding) and each.path == module]
    above = [each.statement for each in imports if each.statement.lineno < call.lineno]
    is_top = any(_is_imported_at_top(each, bound) for each in above)
    return is_top and len(imports) == len(bindings)


def _is_imported_at_top(statement: ast.stmt, bound: BoundModule) -> bool:
    """Whether it is a statement of the module, or of the body of a `try` there."""
    around = bound.parents[statement]
    if isinstance(around, ast.Try) and statement in around.body:
        around = bound.parents[around]
    return isinstance(around, ast.Module)
