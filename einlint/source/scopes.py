"""Scopes and the bindings of names in them, as Python resolves names."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple, TypeAlias
from weakref import ReferenceType, ref


class ScopeKind(Enum):
    """What opened a scope; functions in a class body do not see the names of that body."""

    MODULE = auto()
    CLASS = auto()
    FUNCTION = auto()
    COMPREHENSION = auto()


class ImportBinding(NamedTuple):
    """The name is the object at the dotted `path`."""

    path: str
    statement: ast.Import | ast.ImportFrom


@dataclass(frozen=True, slots=True)
class ValueBinding:
    """The name is assigned the value of an expression that is evaluated in `scope`.

    It holds its scope weakly: scopes hold bindings, and what is in no cycle is freed at once.
    """

    value: ast.expr
    _scope: "ReferenceType[Scope]"

    @classmethod
    def of(cls, value: ast.expr, scope: "Scope") -> "ValueBinding":
        """The binding to an expression in a scope that lives as long as the module."""
        return cls(value, ref(scope))

    @property
    def scope(self) -> "Scope":
        """The scope in which the value is evaluated."""
        scope = self._scope()
        assert scope is not None, "the module of this binding is gone"
        return scope


class OpaqueBinding(NamedTuple):
    """The name is bound to something opaque: a parameter, a definition, a loop variable."""

    node: ast.AST


Binding: TypeAlias = ImportBinding | ValueBinding | OpaqueBinding


class Declaration(Enum):
    """The kinds of declarations of names that belong to an outer scope."""

    GLOBAL = auto()
    NONLOCAL = auto()


@dataclass(slots=True, eq=False, weakref_slot=True)
class Scope:
    """One scope: filled while the tree is walked, then settled, then only read.

    shared: its names that a scope inside of it declares nonlocal, and so may bind anew.
    walruses: its names that a walrus binds, in the middle of an expression.
    methods: of a module, the names of all functions in class bodies, properties among them.
    is_open: of a module, whether code may bind its names, or those of classes, that only a run
        tells: `exec(code)`, `globals()[name] = value`.
    hold_lists: its names of which it is known whether they may hold a list.
    paths: the dotted paths that its names refer to, as far as they were asked for.
    """

    kind: ScopeKind
    parent: "Scope | None" = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    declarations: dict[str, Declaration] = field(default_factory=dict)
    star_imports: list[ast.ImportFrom] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)
    walruses: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    is_open: bool = False
    hold_lists: dict[str, bool] = field(default_factory=dict)
    paths: dict[str, str | None] = field(default_factory=dict)
    _redirected: "dict[str, Scope]" = field(default_factory=dict)
    _by_path: dict[str, list[str]] | None = None

    def bind(self, name: str, binding: Binding) -> None:
        """Record that `name` is bound here; `settle` moves it where a declaration says."""
        self.bindings.setdefault(name, []).append(binding)

    def settle(self) -> None:
        """Move the bindings of global and nonlocal names to the scopes that own them."""
        for name, declaration in self.declarations.items():
            is_global = declaration is Declaration.GLOBAL
            target = self.module() if is_global else self._nonlocal_owner(name)
            if target is self:
                continue
            self._redirected[name] = target
            target.shared.add(name)
            for binding in self.bindings.pop(name, ()):
                target.bind(name, binding)

    def owner(self, name: str) -> "Scope | None":
        """The scope in which Python finds `name` when it is read here; None for a builtin."""
        for scope in self.visible():
            if name in scope._redirected:
                return scope._redirected[name]
            if name in scope.bindings:
                return scope
        return None

    def lookup(self, name: str) -> list[Binding]:
        """Every binding that `name` may have when it is read here.

        A class body looks up a name outside until it is bound, so outer bindings count too.
        """
        owners = self.owners(name)
        return [binding for owner in owners for binding in owner.bindings.get(name, ())]

    def owners(self, name: str) -> "list[Scope]":
        """The scopes in which Python may find `name`; after a class body, also the outer ones."""
        owner = self.owner(name)
        if owner is None:
            return []
        outside = owner.parent.owners(name) if _is_class(owner) and owner.parent else []
        return [owner, *outside]

    def visible(self) -> "Iterator[Scope]":
        """The scopes whose names are visible here, from this one outwards."""
        scope: Scope | None = self
        while scope is not None:
            if scope is self or not _is_class(scope):
                yield scope
            scope = scope.parent

    def imported_as(self, path: str) -> list[str]:
        """The names that this scope binds once, by an import of this dotted path."""
        if self._by_path is None:
            self._by_path = {}
            for name, bindings in self.bindings.items():
                if len(bindings) == 1 and isinstance(bindings[0], ImportBinding):
                    self._by_path.setdefault(bindings[0].path, []).append(name)
        return self._by_path.get(path, [])

    def module(self) -> "Scope":
        """The outermost scope."""
        *_, outermost = self.visible()
        return outermost

    def outside_comprehensions(self) -> "Scope":
        """This scope, or the one around the comprehensions that it is in."""
        scope = self
        while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
            scope = scope.parent
        return scope

    def _nonlocal_owner(self, name: str) -> "Scope":
        """The nearest function around this scope that binds the name itself."""
        scope = self.parent
        while scope is not None:
            is_own = name in scope.bindings and name not in scope.declarations
            if scope.kind is ScopeKind.FUNCTION and is_own:
                return scope
            scope = scope.parent
        return self


def _is_class(scope: Scope) -> bool:
    return scope.kind is ScopeKind.CLASS
