"""Walk a syntax tree once: the scope and the parent of every node, the bindings of every scope.

The walk keeps its own stack: sources with thousands of nested operators are real.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from einlint.source.scopes import (
    ImportBinding,
    OpaqueBinding,
    Scope,
    ScopeKind,
    ValueBinding,
)

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(slots=True)
class BoundModule:
    """A module's tree with what the walk found.

    scopes: the scope in which each expression is evaluated. parents: the parent of each node.
    attribute_stores: attributes that are assigned to, as `torch.einsum = ...` would be.
    """

    tree: ast.Module
    scopes: dict[ast.AST, Scope] = field(default_factory=dict)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    attribute_stores: list[ast.Attribute] = field(default_factory=list)


def bind(tree: ast.Module) -> BoundModule:
    """Resolve which names are bound where in `tree`."""
    return _Binder(BoundModule(tree)).walk()


class _Binder:
    """The walk: `_pending` holds nodes with their scope, the next one last."""

    def __init__(self, bound: BoundModule) -> None:
        self._bound = bound
        self._pending: list[tuple[ast.AST, Scope]] = []

    def walk(self) -> BoundModule:
        self._push(
            self._bound.tree, Scope(ScopeKind.MODULE), ast.iter_child_nodes(self._bound.tree)
        )
        while self._pending:
            node, scope = self._pending.pop()
            self._bound.scopes[node] = scope
            self._visit(node, scope)
        return self._bound

    def _push(self, parent: ast.AST, scope: Scope, children: Iterable[ast.AST | None]) -> None:
        """Put children on the stack so that they come off in source order."""
        present = [child for child in children if child is not None]
        self._bound.parents.update((child, parent) for child in present)
        self._pending += [(child, scope) for child in reversed(present)]

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node, scope)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, scope)
            case ast.Assign():
                self._assignment(node, node.targets, node.value, scope)
            case ast.AnnAssign(value=ast.expr() as value):
                self._assignment(node, [node.target], value, scope, node.annotation)
            case ast.NamedExpr():
                self._assignment(node, [node.target], node.value, _walrus_scope(scope))
            case _:
                self._leaf_binding(node, scope)
                self._push(node, scope, ast.iter_child_nodes(node))

    def _leaf_binding(self, node: ast.AST, scope: Scope) -> None:
        """Nodes that bind names themselves and whose children need nothing special."""
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                scope.bind(name, OpaqueBinding(node))
            case ast.Attribute(ctx=ast.Store()):
                self._bound.attribute_stores.append(node)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                scope.bind(name, OpaqueBinding(node))
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                scope.bind(name, OpaqueBinding(node))
            case ast.Global():
                _redirect(scope, node.names, scope.module())
            case ast.Nonlocal():
                for name in node.names:
                    _redirect(scope, [name], _nonlocal_scope(scope, name))

    def _function(self, node: _Function, scope: Scope) -> None:
        inner = Scope(ScopeKind.FUNCTION, scope)
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each]
        for argument in every:
            inner.bind(argument.arg, OpaqueBinding(argument))
        if isinstance(node, ast.Lambda):
            self._push(node, inner, [node.body])
        else:
            scope.bind(node.name, OpaqueBinding(node))
            self._push(node, inner, [*_type_parameters(node, inner), *node.body])
            self._push(node, scope, [*node.decorator_list, node.returns])
        self._push(node, scope, [argument.annotation for argument in every])
        self._push(node, scope, [*arguments.defaults, *arguments.kw_defaults])

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        scope.bind(node.name, OpaqueBinding(node))
        inner = Scope(ScopeKind.CLASS, scope)
        self._push(node, inner, [*_type_parameters(node, inner), *node.body])
        self._push(node, scope, [*node.decorator_list, *node.bases, *node.keywords])

    def _comprehension(self, node: _Comprehension, scope: Scope) -> None:
        inner = Scope(ScopeKind.COMPREHENSION, scope)
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._push(node, inner, results)
        for position, generator in reversed(list(enumerate(node.generators))):
            self._bound.parents[generator] = node
            self._push(generator, inner, [generator.target, *generator.ifs])
            # Only the first iterable is evaluated outside of the comprehension's own scope.
            self._push(generator, inner if position else scope, [generator.iter])

    def _assignment(
        self,
        node: ast.AST,
        targets: Iterable[ast.expr],
        value: ast.expr,
        scope: Scope,
        *others: ast.expr,
    ) -> None:
        destructured = [target for target in targets if not isinstance(target, ast.Name)]
        for target in targets:
            if isinstance(target, ast.Name):
                scope.bind(target.id, ValueBinding(value))
        self._push(node, self._bound.scopes[node], [*destructured, *others, value])

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        parent = self._bound.parents[node]
        conditional = not isinstance(
            parent, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        )
        for alias in node.names:
            if alias.name == "*":
                scope.module().star_imports.append(_module_of(node))
                continue
            if isinstance(node, ast.Import):
                name = alias.asname or alias.name.partition(".")[0]
                path = alias.name if alias.asname else name
            else:
                name, path = alias.asname or alias.name, f"{_module_of(node)}.{alias.name}"
            scope.bind(name, ImportBinding(path, node, conditional))


def _module_of(node: ast.Import | ast.ImportFrom) -> str:
    """The module of a from-import; a relative one keeps its dots, and so is nobody's library."""
    return f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else ""


def _type_parameters(node: ast.AST, inner: Scope) -> list[ast.AST]:
    """The type parameters of Python 3.12 and later, bound in the scope they belong to."""
    parameters: list[ast.AST] = list(getattr(node, "type_params", ()))
    for parameter in parameters:
        inner.bind(dict(ast.iter_fields(parameter))["name"], OpaqueBinding(parameter))
    return parameters


def _walrus_scope(scope: Scope) -> Scope:
    """A walrus in a comprehension binds in the scope around it."""
    while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
        scope = scope.parent
    return scope


def _nonlocal_scope(scope: Scope, name: str) -> Scope:
    outer = [each for each in scope.visible() if each is not scope]
    functions = [each for each in outer if each.kind is ScopeKind.FUNCTION]
    holders = [each for each in functions if name in each.bindings]
    return (holders or functions or outer or [scope])[0]


def _redirect(scope: Scope, names: Iterable[str], target: Scope) -> None:
    if scope is not target:
        scope.redirected.update((name, target) for name in names)
