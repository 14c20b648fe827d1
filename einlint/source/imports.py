"""What a name stands for: the dotted path of an import, through aliases assigned once."""

import ast
from typing import Final

from einlint.source.apis import APIS, Api, api_of
from einlint.source.binder import BoundModule
from einlint.source.scopes import Binding, ImportBinding, Scope, ValueBinding

# `e = einsum` may be aliased again; a chain longer than this is a cycle.
_LONGEST_ALIAS_CHAIN: Final = 8


def called_api(call: ast.Call, bound: BoundModule) -> Api | None:
    """The einsum API that a call calls, or None where it is not known to be one."""
    scope = bound.scopes[call]
    path = dotted_path(call.func, scope)
    if path is None:
        return _star_imported(call.func, scope)
    api = api_of(path)
    return None if api is None or _is_patched(api, bound) else api


def dotted_path(node: ast.expr, scope: Scope, depth: int = 0) -> str | None:
    """The dotted name of what `node` refers to, if imports and single assignments tell."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    owner = scope.owner(node.id) if isinstance(node, ast.Name) else None
    if owner is None or not isinstance(node, ast.Name):
        return None
    root = _path_of_bindings(owner.bindings[node.id], owner, depth)
    return None if root is None else ".".join([root, *reversed(attributes)])


def module_name(module: str, call: ast.Call, bound: BoundModule) -> str | None:
    """The name that surely is the module `module` where `call` is evaluated."""
    scope = bound.scopes[call]
    root = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    if isinstance(root, ast.Name) and dotted_path(root, scope) == module:
        return root.id
    for visible in scope.visible():
        for name, bindings in visible.bindings.items():
            if (
                _is_surely(module, bindings, visible is scope, call)
                and scope.owner(name) is visible
            ):
                return name
    return None


def _path_of_bindings(bindings: list[Binding], owner: Scope, depth: int) -> str | None:
    """The one path that all bindings of a name agree on; `name = None` is no disagreement."""
    real = [binding for binding in bindings if not _is_none(binding)]
    paths = {binding.path for binding in real if isinstance(binding, ImportBinding)}
    if len(paths) == 1 and all(isinstance(binding, ImportBinding) for binding in real):
        return paths.pop()
    match real:
        case [ValueBinding(value=value)] if depth < _LONGEST_ALIAS_CHAIN:
            return dotted_path(value, owner, depth + 1)
    return None


def _is_none(binding: Binding) -> bool:
    """`except ImportError: torch = None`: a call through it raises either way."""
    match binding:
        case ValueBinding(value=ast.Constant(value=None)):
            return True
    return False


def _star_imported(node: ast.expr, scope: Scope) -> Api | None:
    if not isinstance(node, ast.Name) or node.id != "einsum" or scope.owner(node.id):
        return None
    last = scope.module().star_imports[-1:]
    return next((api for api in APIS if api.star_modules & set(last)), None)


def _is_patched(api: Api, bound: BoundModule) -> bool:
    """Whether the module assigns to the API itself, as in `torch.einsum = traced`."""
    return any(
        dotted_path(store, bound.scopes[store]) in api.paths for store in bound.attribute_stores
    )


def _is_surely(module: str, bindings: list[Binding], is_same_scope: bool, call: ast.Call) -> bool:
    """One unconditional import, which has run when the call is evaluated."""
    match bindings:
        case [ImportBinding(path=path, is_conditional=False, statement=statement)]:
            has_run = not is_same_scope or statement.lineno < call.lineno
            return path == module and has_run
    return False
