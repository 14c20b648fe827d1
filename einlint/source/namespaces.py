"""The expressions that are a namespace with einsum: a module, or its dict."""

import ast
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.names import last_name
from einlint.source.scopes import Scope, ScopeKind, ValueBinding

# A longer chain of aliases is a cycle.
_LONGEST_ALIAS_CHAIN: Final = 8


class Namespace(NamedTuple):
    """A module or dict through which code reaches einsum.

    names: the names in it that lead to einsum.
    is_small: an unknown name in it may be one of them; in `sys.modules` that is unlikely.
    """

    names: frozenset[str]
    is_small: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Namespaces:
    """The namespaces of a file.

    modules: the paths of modules that have einsum. functions: its names there. own: the names
    through which the file reaches it.
    """

    bound: BoundModule
    modules: frozenset[str]
    functions: frozenset[str]
    own: frozenset[str]
    _known: dict[tuple[Scope, str], Namespace | None] = field(default_factory=dict)

    def at(self, node: ast.expr, depth: int = 0) -> Namespace | None:
        """The namespace that an expression refers to; None if it has no einsum."""
        scope = self.bound.scopes[node]
        match node:
            case ast.Constant(value=str(path)):
                return self._of_path(path.removesuffix(".__dict__"))
            case ast.Attribute(value=inner, attr="__dict__"):
                return self.at(inner, depth)
            case ast.Call():
                return self._of_call(node, scope, depth)
            case ast.Subscript(value=modules, slice=key):
                is_modules = dotted_path(modules, scope) == "sys.modules"
                return self._of_module(key) if is_modules else None
            case ast.Attribute():
                return self._of_path(dotted_path(node, scope))
            case ast.Name(id=name):
                if (scope, name) not in self._known:
                    self._known[scope, name] = self._of_name(node, scope, depth)
                return self._known[scope, name]
        return None

    def _of_call(self, call: ast.Call, scope: Scope, depth: int) -> Namespace | None:
        match last_name(call.func), call.args:
            case "vars", [inner]:
                return self.at(inner, depth)
            case "globals", []:
                return Namespace(self.own)
            case "locals" | "vars", []:
                return Namespace(self.own) if scope.kind is ScopeKind.MODULE else None
            case "import_module" | "__import__", [key, *_]:
                return self._of_module(key)
        return None

    def _of_name(self, node: ast.Name, scope: Scope, depth: int) -> Namespace | None:
        path = dotted_path(node, scope)
        if path is not None or depth > _LONGEST_ALIAS_CHAIN:
            return self._of_path(path)
        match scope.lookup(node.id):
            case [ValueBinding(value=value)] if value in self.bound.scopes:
                return self.at(value, depth + 1)
        return None

    def _of_path(self, path: str | None) -> Namespace | None:
        if path == "sys.modules":
            return Namespace(self.modules, is_small=False)
        return Namespace(self.functions) if path in self.modules else None

    def _of_module(self, key: ast.expr) -> Namespace | None:
        match key:
            case ast.Name(id="__name__"):
                return Namespace(self.own)
            case ast.Constant(value=str(path)):
                return self._of_path(path)
        return None
