"""What a name refers to: the dotted path of an import, through aliases assigned once."""

import ast
from typing import Final

from einlint.diagnostics import Unjudged
from einlint.source.apis import APIS, Api, api_of
from einlint.source.binder import BoundModule, module_of
from einlint.source.names import last_name
from einlint.source.scopes import Binding, ImportBinding, Scope, ValueBinding

# `e = einsum` may be aliased again; a chain longer than this is a cycle.
_LONGEST_ALIAS_CHAIN: Final = 8
# Their star imports bring an einsum of their own, or none.
_OTHER_LIBRARIES: Final = frozenset(
    {"numpy", "jax", "cupy", "pylab", "tensorflow", "paddle", "einops", "typing", "math"}
)


def api_at(function: ast.expr, bound: BoundModule) -> Api | None:
    """The einsum API that an expression refers to; None if unknown."""
    path = dotted_path(function, bound.scopes[function])
    api = _star_imported(function, bound) if path is None else api_of(path, bound.apis)
    return api or _defined_here(function, bound)


def calls_of_apis(bound: BoundModule) -> dict[ast.Call, Api]:
    """The calls of a module that call an einsum API."""
    lasts = {path.rpartition(".")[2] for api in bound.apis for path in api.paths}
    known: dict[tuple[Scope, str], Api | None] = {}
    found: dict[ast.Call, Api] = {}
    for call in bound.of_kind(ast.Call):
        function = call.func
        if isinstance(function, ast.Name):
            key = bound.scopes[function], function.id
            if key not in known:
                known[key] = api_at(function, bound)
            api = known[key]
        elif isinstance(function, ast.Attribute) and function.attr in lasts:
            api = api_at(function, bound)
        else:
            continue
        if api is not None:
            found[call] = api
    return found


def doubt_about(function: ast.expr, bound: BoundModule) -> Unjudged | None:
    """Why an expression that names an einsum API may, or may not, be it; None if it is not."""
    names = {api.function for api in bound.apis}
    if last_name(function) not in names or api_at(function, bound) is not None:
        return None
    root, attributes = _root(function)
    if root is None:
        return None
    scope = bound.scopes[root]
    paths = [_path_of_binding(each) for each in scope.lookup(root.id) if not _is_none(each)]
    are_apis = [
        path is not None and api_of(".".join([path, *attributes]), bound.apis) is not None
        for path in paths
    ]
    if any(are_apis):
        return Unjudged.STAR_IMPORT if all(are_apis) else Unjudged.SEVERAL_FUNCTIONS
    if paths or not any(may_bring_torch(each) for each in scope.module().star_imports):
        return None
    is_api = not attributes or api_of(".".join([root.id, *attributes]), bound.apis) is not None
    return Unjudged.STAR_IMPORT if is_api else None


def dotted_path(node: ast.expr, scope: Scope, depth: int = 0) -> str | None:
    """The dotted name that `node` refers to, by imports and single assignments; else None."""
    root, attributes = _root(node)
    path = None if root is None else _path_of(root.id, scope, depth)
    return None if path is None else ".".join([path, *attributes])


def module_name(module: str, call: ast.Call, bound: BoundModule) -> str | None:
    """A name that surely refers to `module` where `call` is evaluated."""
    scope = bound.scopes[call]
    root = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    if isinstance(root, ast.Name) and dotted_path(root, scope) == module:
        return root.id
    for visible in scope.visible():
        for name in visible.imported_as(module):
            if _has_run(name, module, visible, call, bound):
                return name
    return None


def _root(node: ast.expr) -> tuple[ast.Name | None, list[str]]:
    """The name that a dotted expression starts with, and the attributes behind it."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    attributes.reverse()
    return node if isinstance(node, ast.Name) else None, attributes


def _path_of(name: str, scope: Scope, depth: int) -> str | None:
    """The path that all bindings of a name have in common; `name = None` does not count."""
    owner = scope.owner(name)
    if owner is None:
        return None
    if depth:  # at the end of a long chain of aliases it is another
        return _path_of_bindings(name, owner, depth)
    if name not in owner.paths:
        owner.paths[name] = _path_of_bindings(name, owner, depth)
    return owner.paths[name]


def _path_of_bindings(name: str, scope: Scope, depth: int) -> str | None:
    real = [binding for binding in scope.lookup(name) if not _is_none(binding)]
    paths = {binding.path for binding in real if isinstance(binding, ImportBinding)}
    is_one = len(paths) == 1 or any(paths <= api.paths for api in APIS)
    if paths and is_one and all(isinstance(binding, ImportBinding) for binding in real):
        path = min(paths)
        return None if _may_be_overwritten(path, real, scope) else path
    match real:
        case [ValueBinding(value=value, scope=evaluated)] if depth < _LONGEST_ALIAS_CHAIN:
            return dotted_path(value, evaluated, depth + 1)
    return None


def _path_of_binding(binding: Binding) -> str | None:
    match binding:
        case ImportBinding(path=path):
            return path
        case ValueBinding(value=value, scope=evaluated):
            return dotted_path(value, evaluated)
    return None


def _is_none(binding: Binding) -> bool:
    """`except ImportError: torch = None`: a call through it raises either way."""
    match binding:
        case ValueBinding(value=ast.Constant(value=None)):
            return True
    return False


def _may_be_overwritten(path: str, bindings: list[Binding], scope: Scope) -> bool:
    """Whether a later star import may bring a function of the same name.

    A star import that binds `torch` binds the same module.
    """
    if path in {api.module for api in APIS}:
        return False
    lines = [each.statement.lineno for each in bindings if isinstance(each, ImportBinding)]
    return any(each.lineno > min(lines) for each in scope.module().star_imports)


def _star_imported(node: ast.expr, bound: BoundModule) -> Api | None:
    """The API that a star import binds, if no other star import may bind the name."""
    if not isinstance(node, ast.Name) or bound.scopes[node].owner(node.id):
        return None
    apis = [api for api in bound.apis if api.function == node.id]
    if not apis:
        return None
    stars = bound.scopes[node].module().star_imports
    modules = {module_of(each) for each in stars}
    if not all(isinstance(bound.parents[each], ast.Module) for each in stars):
        return None
    return next((api for api in apis if modules and modules <= api.star_modules), None)


def may_bring_torch(statement: ast.ImportFrom) -> bool:
    """Whether a star import is of a module that may have imported torch."""
    return module_of(statement).partition(".")[0] not in _OTHER_LIBRARIES


def _defined_here(node: ast.expr, bound: BoundModule) -> Api | None:
    """The user's wrapper that this module itself binds, once."""
    if not isinstance(node, ast.Name):
        return None
    apis = (api for api in bound.apis if api.is_here and api.function == node.id)
    api = next(apis, None)
    if api is None:
        return None
    scope = bound.scopes[node]
    is_global = scope.owner(node.id) is scope.module() and not scope.module().star_imports
    return api if is_global and len(scope.lookup(node.id)) == 1 else None


def _has_run(name: str, module: str, owner: Scope, call: ast.Call, bound: BoundModule) -> bool:
    """Whether `name` is the module, by an import that has surely run before the call.

    That is an import above the call, at the top level of the module or of the call's function.
    Names that a class would mangle do not count.
    """
    scope = bound.scopes[call]
    match owner.bindings[name]:
        case [ImportBinding(path=path, statement=statement)] if path == module:
            parent = bound.parents[statement]
            is_top = isinstance(parent, ast.Module)
            is_here = owner is scope and isinstance(
                parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            )
            is_above = statement.lineno < call.lineno
            is_seen = scope.owner(name) is owner and not name.startswith("__")
            is_sure = name == module or not scope.module().star_imports
            return (is_top or is_here) and is_above and is_seen and is_sure
    return False
