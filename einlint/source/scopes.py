"""Scopes and the bindings of names in them, as Python resolves names."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias


class ScopeKind(Enum):
    """What opened a scope; the names of a class body are not seen by the functions in it."""

    MODULE = auto()
    CLASS = auto()
    FUNCTION = auto()
    COMPREHENSION = auto()


@dataclass(frozen=True, slots=True)
class ImportBinding:
    """The name is the object at the dotted `path`."""

    path: str
    statement: ast.Import | ast.ImportFrom
    is_conditional: bool


@dataclass(frozen=True, slots=True)
class ValueBinding:
    """The name is assigned the value of an expression."""

    value: ast.expr


@dataclass(frozen=True, slots=True)
class OpaqueBinding:
    """The name is bound to something that is not looked into: a parameter, a definition, a loop."""

    node: ast.AST


Binding: TypeAlias = ImportBinding | ValueBinding | OpaqueBinding


@dataclass(slots=True, eq=False)
class Scope:
    """One scope while and after it is filled."""

    kind: ScopeKind
    parent: "Scope | None" = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    star_imports: list[str] = field(default_factory=list)
    redirected: "dict[str, Scope]" = field(default_factory=dict)

    def bind(self, name: str, binding: Binding) -> None:
        """Record that `name` is bound here, or where a global/nonlocal statement sends it."""
        self.redirected.get(name, self).bindings.setdefault(name, []).append(binding)

    def owner(self, name: str) -> "Scope | None":
        """The scope in which Python finds `name` when it is read here; None for a builtin."""
        if name in self.redirected:
            return self.redirected[name]
        return next((scope for scope in self.visible() if name in scope.bindings), None)

    def visible(self) -> "Iterator[Scope]":
        """The scopes from this one outwards whose names are seen here."""
        scope: Scope | None = self
        while scope is not None:
            if scope is self or scope.kind is not ScopeKind.CLASS:
                yield scope
            scope = scope.parent

    def module(self) -> "Scope":
        """The outermost scope."""
        *_, outermost = self.visible()
        return outermost
