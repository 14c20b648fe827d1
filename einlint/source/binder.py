"""Walk a syntax tree once: the scope and the parent of every node, the bindings of every scope.

The walk keeps its own stack: sources with thousands of nested operators are real.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from einlint.source.names import last_name
from einlint.source.scopes import (
    Declaration,
    ImportBinding,
    OpaqueBinding,
    Scope,
    ScopeKind,
    ValueBinding,
)

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

# Functions that replace an attribute: builtins', pytest's, unittest's and pytest-mock's.
_PATCHERS: Final = frozenset({"setattr", "delattr", "patch", "object", "spy"})
_IDLE: Final = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop)
# The most frequent nodes that bind nothing: they are not asked what they are one by one.
_PLAIN: Final = (
    ast.Constant,
    ast.Expr,
    ast.BinOp,
    ast.Tuple,
    ast.Subscript,
    ast.keyword,
    ast.cmpop,
)


@dataclass(slots=True)
class BoundModule:
    """A module's tree with what the walk found.

    all_scopes: every scope, in the order in which they open.
    scopes: the scope in which each node is evaluated.
    parents: the parent of each node.
    patches: attributes that are set, deleted or mocked, as by `torch.einsum = ...`, with their
        owners; None for one that is named by a dotted string.
    """

    tree: ast.Module
    all_scopes: list[Scope] = field(default_factory=list)
    scopes: dict[ast.AST, Scope] = field(default_factory=dict)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    patches: list[tuple[ast.expr | None, str]] = field(default_factory=list)


def bind(tree: ast.Module) -> BoundModule:
    """Resolve which names are bound where in `tree`."""
    return _Binder(BoundModule(tree)).walk()


class _Binder:
    """The walk: `_pending` holds nodes with their scope, the next one last."""

    def __init__(self, bound: BoundModule) -> None:
        self._bound = bound
        self._pending: list[tuple[ast.AST, Scope]] = []

    def walk(self) -> BoundModule:
        tree = self._bound.tree
        scopes = self._bound.scopes
        self._push(tree, self._opened(ScopeKind.MODULE, None), tree.body)
        while self._pending:
            node, scope = self._pending.pop()
            scopes[node] = scope
            if isinstance(node, _PLAIN):
                self._push(node, scope, _children(node))
            else:
                self._visit(node, scope)
        for scope in self._bound.all_scopes:
            scope.settle()
        return self._bound

    def _opened(self, kind: ScopeKind, parent: Scope | None) -> Scope:
        scope = Scope(kind, parent)
        self._bound.all_scopes.append(scope)
        return scope

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
                self._push(node, scope, _children(node))

    def _leaf_binding(self, node: ast.AST, scope: Scope) -> None:
        """Nodes that bind names themselves and whose children need nothing special."""
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                scope.bind(name, OpaqueBinding(node))
            case ast.Attribute(value=value, attr=name, ctx=ast.Store() | ast.Del()):
                self._bound.patches.append((value, name))
            case ast.Call(args=[first, *rest]) if last_name(node.func) in _PATCHERS:
                self._bound.patches += _patched(first, rest)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                scope.bind(name, OpaqueBinding(node))
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                scope.bind(name, OpaqueBinding(node))
            case ast.Global():
                scope.declarations.update(dict.fromkeys(node.names, Declaration.GLOBAL))
            case ast.Nonlocal():
                scope.declarations.update(dict.fromkeys(node.names, Declaration.NONLOCAL))

    def _function(self, node: _Function, scope: Scope) -> None:
        inner = self._opened(ScopeKind.FUNCTION, scope)
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for argument in [*every, *([arguments.kwarg] if arguments.kwarg else [])]:
            inner.bind(argument.arg, OpaqueBinding(argument))
        if arguments.vararg is not None:
            inner.bind(arguments.vararg.arg, ValueBinding(ast.Tuple(elts=[]), inner))
            every.append(arguments.vararg)
        if isinstance(node, ast.Lambda):
            self._push(node, inner, [node.body])
        else:
            scope.bind(node.name, OpaqueBinding(node))
            if scope.kind is ScopeKind.CLASS:
                scope.module().methods.add(node.name)
            self._push(node, inner, [*_type_parameters(node, inner), *node.body])
            self._push(node, scope, [*node.decorator_list, node.returns])
        self._push(node, scope, [argument.annotation for argument in every])
        self._push(node, scope, [*arguments.defaults, *arguments.kw_defaults])

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        scope.bind(node.name, OpaqueBinding(node))
        inner = self._opened(ScopeKind.CLASS, scope)
        self._push(node, inner, [*_type_parameters(node, inner), *node.body])
        self._push(node, scope, [*node.decorator_list, *node.bases, *node.keywords])

    def _comprehension(self, node: _Comprehension, scope: Scope) -> None:
        inner = self._opened(ScopeKind.COMPREHENSION, scope)
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
        evaluated = self._bound.scopes[node]
        destructured = [target for target in targets if not isinstance(target, ast.Name)]
        for target in targets:
            if isinstance(target, ast.Name):
                scope.bind(target.id, ValueBinding(value, evaluated))
        self._push(node, evaluated, [*destructured, *others, value])

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if alias.name == "*" and isinstance(node, ast.ImportFrom):
                scope.star_imports.append(node)
                continue
            if isinstance(node, ast.Import):
                name = alias.asname or alias.name.partition(".")[0]
                path = alias.name if alias.asname else name
            else:
                name, path = alias.asname or alias.name, f"{module_of(node)}.{alias.name}"
            scope.bind(name, ImportBinding(path, node))


def _children(node: ast.AST) -> list[ast.AST]:
    """The nodes below, but for operators and contexts, which nobody asks about."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(value, _IDLE):
            found.append(value)
    return found


def module_of(node: ast.ImportFrom) -> str:
    """The module of a from-import; a relative one keeps its dots, and so is nobody's library."""
    return f"{'.' * node.level}{node.module or ''}"


def _patched(first: ast.expr, rest: list[ast.expr]) -> list[tuple[ast.expr | None, str]]:
    """What `setattr(torch, "einsum", f)` or `patch("torch.einsum")` replaces."""
    match first, rest:
        case ast.Constant(value=str(path)), _:
            return [(None, path.rpartition(".")[2])]
        case ast.JoinedStr(values=[*_, ast.Constant(value=str(tail))]), _:
            return [(None, tail.rpartition(".")[2])]
        case _, [ast.Constant(value=str(name)), *_]:
            return [(first, name)]
    return []


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
