"""Walk a syntax tree once: the scope and the parent of every node, the bindings of every scope.

The walk keeps its own stack: sources with thousands of nested operators are real.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

from einlint.source.apis import APIS, Api
from einlint.source.names import given_values, last_name
from einlint.source.scopes import (
    Declaration,
    ImportBinding,
    OpaqueBinding,
    Scope,
    ScopeKind,
    ValueBinding,
)

_Node = TypeVar("_Node", bound=ast.AST)
_Named = TypeVar("_Named", ast.Name, ast.Attribute, ast.Call)
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
With: TypeAlias = ast.With | ast.AsyncWith
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

# Functions that replace an attribute: builtins', pytest's, unittest's and pytest-mock's.
_PATCHERS: Final = frozenset({"setattr", "delattr", "patch", "object", "spy"})
# Functions that may give code a namespace to bind names in.
_OPENING: Final = frozenset({"exec", "globals", "type", "locals", "vars"})
# The classes that are asked for most often.
_CONSTANT: Final = ast.Constant
_NAME: Final = ast.Name
_LOAD: Final = ast.Load
# Fields with operators, contexts or no nodes: the walk skips them.
_IDLE: Final = frozenset(
    {"ctx", "op", "ops", "id", "attr", "kind", "type_comment", "level", "arg", "asname", "module"}
    | {"simple", "conversion", "is_async", "rest"}
)


@dataclass(slots=True, eq=False)
class BoundModule:
    """A module's tree, and the result of the walk.

    all_scopes: every scope, in the order in which they open.
    scopes: the scope in which each node is evaluated.
    parents: the parent of each node.
    patches: attributes that are set, deleted or mocked, as by `torch.einsum = ...`, with their
        owners; the owner is None for a dotted string.
    apis: the einsum functions to find.
    """

    tree: ast.Module
    apis: tuple[Api, ...] = APIS
    all_scopes: list[Scope] = field(default_factory=list)
    scopes: dict[ast.AST, Scope] = field(default_factory=dict)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    patches: list[tuple[ast.expr | None, str]] = field(default_factory=list)
    _by_kind: dict[type[ast.AST], list[Any]] = field(default_factory=dict)
    _by_name: dict[type[ast.AST], dict[str, list[Any]]] = field(default_factory=dict)
    _patched: frozenset[str] | None = None

    def of_kind(self, kind: type[_Node]) -> list[_Node]:
        """All nodes of one class, in the order of the walk."""
        if not self._by_kind:
            found: defaultdict[type[ast.AST], list[Any]] = defaultdict(list)
            for node in self.scopes:
                found[node.__class__].append(node)
            self._by_kind = dict(found)
        return self._by_kind.get(kind, [])

    def named(self, kind: type[_Named]) -> Mapping[str, list[_Named]]:
        """All names, attributes or calls by their last name, in the order of the walk."""
        if kind not in self._by_name:
            nodes: list[Any] = self.of_kind(kind)
            found: defaultdict[str, list[Any]] = defaultdict(list)
            if kind is ast.Name:
                for node in nodes:
                    found[node.id].append(node)
            elif kind is ast.Attribute:
                for node in nodes:
                    found[node.attr].append(node)
            else:
                for node in nodes:
                    found[last_name(node.func)].append(node)
            self._by_name[kind] = dict(found)
        return self._by_name[kind]

    def calls_of(self, names: Set[str]) -> list[ast.Call]:
        """The calls whose function has one of these last names, in the order of the walk."""
        by_name = self.named(ast.Call)
        lists = [by_name[name] for name in names & by_name.keys()]
        if len(lists) < 2:
            return lists[0] if lists else []
        wanted = {each for some in lists for each in some}
        return [each for each in self.of_kind(ast.Call) if each in wanted]

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, from the inside to the module."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def patched_names(self) -> frozenset[str]:
        """The names of the attributes in `patches`."""
        if self._patched is None:
            self._patched = frozenset(name for _, name in self.patches)
        return self._patched

    def functions(self) -> list[Function]:
        """All `def` statements, the `async` ones last."""
        return [*self.of_kind(ast.FunctionDef), *self.of_kind(ast.AsyncFunctionDef)]

    def with_statements(self) -> list[With]:
        """All `with` statements, the `async` ones last."""
        return [*self.of_kind(ast.With), *self.of_kind(ast.AsyncWith)]


def bind(tree: ast.Module, apis: tuple[Api, ...] = APIS) -> BoundModule:
    """Resolve which names are bound where in `tree`."""
    return _Binder(BoundModule(tree, apis)).walk()


class _Binder:
    """The walk: `_pending` is a stack of nodes with their scopes."""

    def __init__(self, bound: BoundModule) -> None:
        self._bound = bound
        self._pending: list[tuple[ast.AST, Scope]] = []

    def walk(self) -> BoundModule:
        tree = self._bound.tree
        # Not kept in this object, so that nothing is in a cycle and all is freed at once.
        scopes, visitors = self._bound.scopes, self._visitors_by_kind()
        self._push(tree, self._opened(ScopeKind.MODULE, None), tree.body)
        while self._pending:
            node, scope = self._pending.pop()
            scopes[node] = scope
            visit = visitors.get(node.__class__)
            if visit is None:
                self._push(node, scope, _children(node))
            else:
                visit(node, scope)
        for scope in self._bound.all_scopes:
            scope.settle()
        return self._bound

    def _visitors_by_kind(self) -> dict[type[ast.AST], Callable[[Any, Scope], None]]:
        """The method for each kind of node; for other kinds, only the children are visited.

        A table is faster than `match`: large files have hundreds of thousands of nodes.
        """
        functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        leaves = (
            *(ast.Import, ast.ImportFrom, ast.Name, ast.ExceptHandler),
            *(ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.Global, ast.Nonlocal),
        )
        return {
            **dict.fromkeys(functions, self._function),
            **dict.fromkeys(comprehensions, self._comprehension),
            **dict.fromkeys(leaves, self._leaf),
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.ClassDef: self._class,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.NamedExpr: self._walrus,
        }

    def _opened(self, kind: ScopeKind, parent: Scope | None) -> Scope:
        scope = Scope(kind, parent)
        self._bound.all_scopes.append(scope)
        return scope

    def _push(self, parent: ast.AST, scope: Scope, children: Iterable[Any]) -> None:
        """Push children so that they are popped in source order; None is none.

        Constants and names that are read are not pushed: they are most nodes, and bind nothing.
        """
        scopes, parents = self._bound.scopes, self._bound.parents
        present: list[tuple[ast.AST, Scope]] = []
        for child in children:
            if child is None:
                continue
            parents[child] = parent
            kind = child.__class__
            if kind is _CONSTANT or (kind is _NAME and child.ctx.__class__ is _LOAD):
                scopes[child] = scope
            else:
                present.append((child, scope))
        if present:
            present.reverse()
            self._pending += present

    def _attribute(self, node: ast.Attribute, scope: Scope) -> None:
        value: Any = node.value
        if node.ctx.__class__ is not _LOAD:
            self._bound.patches.append((value, node.attr))
        elif node.attr == "modules" and isinstance(value, ast.Name) and value.id == "sys":
            scope.module().is_open = True
        # The same as `_push`: no other node is as frequent.
        self._bound.parents[value] = node
        kind = value.__class__
        if kind is _CONSTANT or (kind is _NAME and value.ctx.__class__ is _LOAD):
            self._bound.scopes[value] = scope
        else:
            self._pending.append((value, scope))

    def _call(self, node: ast.Call, scope: Scope) -> None:
        name = last_name(node.func)
        if name in _PATCHERS:
            self._bound.patches += _patched(node)
        elif name in _OPENING and _opens(node, scope):
            scope.module().is_open = True
        self._push(node, scope, (node.func, *node.args, *node.keywords))

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        self._assignment(node, node.targets, node.value, scope)

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is None:
            self._push(node, scope, _children(node))
        else:
            self._assignment(node, [node.target], node.value, scope, node.annotation)

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> None:
        binding = scope.outside_comprehensions()  # as Python binds it
        binding.walruses.add(node.target.id)
        self._assignment(node, [node.target], node.value, binding)

    def _leaf(self, node: ast.AST, scope: Scope) -> None:
        self._leaf_binding(node, scope)
        self._push(node, scope, _children(node))

    def _leaf_binding(self, node: ast.AST, scope: Scope) -> None:
        """Handle nodes that bind names themselves and whose children need nothing special."""
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                scope.bind(name, OpaqueBinding(node))
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                scope.bind(name, OpaqueBinding(node))
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                scope.bind(name, OpaqueBinding(node))
            case ast.Global():
                scope.declarations.update(dict.fromkeys(node.names, Declaration.GLOBAL))
            case ast.Nonlocal():
                scope.declarations.update(dict.fromkeys(node.names, Declaration.NONLOCAL))

    def _function(self, node: Function | ast.Lambda, scope: Scope) -> None:
        inner = self._opened(ScopeKind.FUNCTION, scope)
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for argument in [*every, *([arguments.kwarg] if arguments.kwarg else [])]:
            inner.bind(argument.arg, OpaqueBinding(argument))
        if arguments.vararg is not None:
            inner.bind(arguments.vararg.arg, ValueBinding.of(ast.Tuple(elts=[]), inner))
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
                scope.bind(target.id, ValueBinding.of(value, evaluated))
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
                module = f"{module_of(node)}." if node.module else module_of(node)
                name, path = alias.asname or alias.name, f"{module}{alias.name}"
            scope.bind(name, ImportBinding(path, node))


def _children(node: ast.AST) -> list[ast.AST]:
    """The child nodes, without operators and contexts."""
    found: list[ast.AST] = []
    kind: Any = node.__class__
    for name in _with_nodes(kind):
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


@cache
def _with_nodes(kind: type[ast.AST]) -> tuple[str, ...]:
    return tuple(name for name in kind._fields if name not in _IDLE)


def module_of(node: ast.ImportFrom) -> str:
    """The module of a from-import; a relative one keeps its dots, so it never names a library."""
    return f"{'.' * node.level}{node.module or ''}"


def _opens(call: ast.Call, scope: Scope) -> bool:
    """Whether it gives code the namespace of the module, or of a class, to bind names in."""
    match call:
        case ast.Call(func=ast.Name(id="exec" | "globals")):
            return True
        case ast.Call(func=ast.Name(id="type"), args=[_, _, _]):
            return True  # the body of a class that is derived from any other
        case ast.Call(func=ast.Name(id="locals" | "vars"), args=[]):
            return scope.kind in {ScopeKind.MODULE, ScopeKind.CLASS}
    return False


def _patched(call: ast.Call) -> list[tuple[ast.expr | None, str]]:
    """What `setattr(torch, "einsum", f)` or `patch(target="torch.einsum")` replaces."""
    match given_values(call):
        case [ast.Constant(value=str(path)), *_]:
            return [(None, path.rpartition(".")[2])]
        case [ast.JoinedStr(values=[*_, ast.Constant(value=str(tail))]), *_]:
            return [(None, tail.rpartition(".")[2])]
        case [owner, ast.Constant(value=str(name)), *_]:
            return [(owner, name)]
    return []


def _type_parameters(node: ast.AST, inner: Scope) -> list[ast.AST]:
    """The type parameters of Python 3.12 and later, bound in the scope they belong to."""
    parameters: list[ast.AST] = list(getattr(node, "type_params", ()))
    for parameter in parameters:
        inner.bind(dict(ast.iter_fields(parameter))["name"], OpaqueBinding(parameter))
    return parameters
