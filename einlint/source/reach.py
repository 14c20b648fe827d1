"""The nodes that run when some code runs: its own, and those of functions of the file it calls."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from einlint.source.binder import BoundModule, Function
from einlint.source.names import given_values
from einlint.source.scopes import OpaqueBinding, Scope, ValueBinding

_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_CALLABLE: Final = (*_DEFINITIONS, ast.Lambda)
_SEVERAL: Final = (ast.Tuple, ast.List, ast.Set)
# The methods that run when an object is called, and when it is created.
_OF_CALLS: Final = frozenset({"forward", "__call__"})
_OF_MAKING: Final = frozenset({"__init__", "__new__", "__post_init__"})


@dataclass(slots=True, eq=False)
class Reach:
    """Everything that runs when some code runs; every node is visited once.

    A method is found by its name alone, because the class of its object is unknown. Modules call
    each other: if one `forward` of the file runs, all do. A function that calls its parameter runs
    every function that the file passes to it, also by decoration.

    follows: also run the functions that are called; if False, only those passed to a timer.
    objects: calling an object runs the methods of its class.
    covered: the nodes that run. users: the functions that call a parameter.
    """

    bound: BoundModule
    follows: bool = True
    objects: bool = True
    covered: set[ast.AST] = field(default_factory=set)
    _pending: list[ast.AST] = field(default_factory=list)
    _called: list[tuple[ast.expr, bool]] = field(default_factory=list)
    _resolved: set[tuple[Scope | None, str, bool | None]] = field(default_factory=set)
    users: set[Function] = field(default_factory=set)
    _handed: set[ast.AST] = field(default_factory=set)
    _methods: dict[str, list[Function]] = field(default_factory=dict)
    _stored: dict[str, list[ast.expr]] = field(default_factory=dict)
    _uses: dict[str, list[ast.expr]] = field(default_factory=dict)
    _owners: dict[ast.arg, ast.AST] = field(default_factory=dict)

    def run(self, nodes: Iterable[ast.AST]) -> None:
        """Cover these nodes, and everything they run."""
        self._pending += nodes
        if self._pending and not self._uses:
            self._index()
        while self._pending or self._called:
            if self._called:
                self._visit_called(*self._called.pop())
                continue
            node = self._pending.pop()
            if node not in self.covered:
                self.covered.add(node)
                self._visit(node)

    def hand(self, nodes: Iterable[ast.expr]) -> None:
        """Cover what runs if the values of these expressions are called."""
        if not self._uses:
            self._index()
        self._call_each(nodes)
        self.run(())

    def use(self, function: Function) -> None:
        """Cover what runs if this function calls its arguments."""
        if not self._uses:
            self._index()
        self._use(function)
        self.run(())

    def _index(self) -> None:
        """Index uses of names, methods, values of attributes, and functions of parameters."""
        for name in self.bound.of_kind(ast.Name):
            self._uses.setdefault(name.id, []).append(name)
        for attribute in self.bound.of_kind(ast.Attribute):
            self._uses.setdefault(attribute.attr, []).append(attribute)
        for function in (*self.bound.functions(), *self.bound.of_kind(ast.Lambda)):
            given = function.args
            parameters = (*given.posonlyargs, *given.args, *given.kwonlyargs)
            self._owners.update(dict.fromkeys(parameters, function))
            is_method = isinstance(self.bound.parents[function], ast.ClassDef)
            if is_method and isinstance(function, _DEFINITIONS):
                self._methods.setdefault(function.name, []).append(function)
        for assignment in self.bound.of_kind(ast.Assign):
            for target in assignment.targets:
                if isinstance(target, ast.Attribute):
                    self._stored.setdefault(target.attr, []).append(assignment.value)

    def _visit(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._pending += node.decorator_list  # its body runs where it is called
            case ast.Lambda():
                self._pending.append(node.body)
            case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
                self._mention(node)
            case ast.Call(func=ast.Subscript() | ast.Call() as function):
                self._call(function)
                self._pending += ast.iter_child_nodes(node)
            case _:
                self._pending += ast.iter_child_nodes(node)

    def _mention(self, node: ast.Name | ast.Attribute) -> None:
        """A mentioned function is called, there or by the function it is passed to."""
        if isinstance(node, ast.Attribute) and not isinstance(node.value, ast.Name):
            self._pending.append(node.value)
        parent = self.bound.parents[node]
        if isinstance(parent, ast.Call) and parent.func is node:
            self._call(node, is_direct=True)
        elif self.follows and self._is_new(node, None):
            for each in self._definitions(node):
                if isinstance(each, _CALLABLE):
                    self._enter(each)

    def _call(self, node: ast.expr, *, is_direct: bool = False) -> None:
        """Run the value of a callable expression; `is_direct`: it is called right there."""
        if node not in self._handed:
            self._handed.add(node)
            self._called.append((node, is_direct))

    def _visit_called(self, node: ast.expr, is_direct: bool) -> None:
        match node:
            case ast.Lambda():
                self._enter(node)
            case ast.Name() | ast.Attribute():
                self._call_named(node, enters=self.follows or not is_direct)
            case ast.Starred(value=value) | ast.keyword(value=value) | ast.Subscript(value=value):
                self._call(value)
            case ast.Dict(values=several):
                self._call_each(several)
            case ast.IfExp(body=body, orelse=orelse):
                self._call_each((body, orelse))
            case ast.Call():
                self._call_result(node)
            case ast.Tuple(elts=several) | ast.List(elts=several) | ast.Set(elts=several):
                self._call_each(several)
            case ast.ListComp(elt=value) | ast.SetComp(elt=value) | ast.GeneratorExp(elt=value):
                self._call(value)

    def _call_each(self, nodes: Iterable[ast.expr]) -> None:
        for node in nodes:
            self._call(node)

    def _is_new(self, node: ast.Name | ast.Attribute, how: bool | None) -> bool:
        """Whether the definitions of this name were not visited in this way before."""
        if isinstance(node, ast.Attribute):
            owner, name = None, node.attr
        else:
            owner, name = self.bound.scopes[node].owner(node.id), node.id
        key = (owner, name, how)
        is_new = key not in self._resolved
        self._resolved.add(key)
        return is_new

    def _call_named(self, node: ast.Name | ast.Attribute, *, enters: bool) -> None:
        if not self._is_new(node, enters):
            return
        for each in self._definitions(node):
            match each:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                    if enters:
                        self._enter(each)
                case ast.ClassDef():
                    if enters:
                        self._enter_methods(each, _OF_MAKING)
                case ast.arg():
                    self._call_what_is_given(each)
                    self._call_own_class(each)
                case ast.expr():
                    self._call(each)

    def _call_result(self, node: ast.Call) -> None:
        """Call a result: of a class, or of a wrapper such as `partial(f)` and `compile(f)`."""
        if self.objects and isinstance(node.func, (ast.Name, ast.Attribute)):
            for each in self._definitions(node.func):
                if isinstance(each, ast.ClassDef):
                    self._enter_methods(each, _OF_CALLS)
        if isinstance(node.func, ast.Attribute):
            self._call(node.func.value)
        self._call_each(given_values(node))

    def _definitions(self, node: ast.Name | ast.Attribute) -> Iterator[ast.AST]:
        """The functions, classes, parameters and values that a name may refer to."""
        if isinstance(node, ast.Attribute):
            yield from self._methods.get(node.attr, ())
            yield from self._stored.get(node.attr, ())
            return
        for binding in self.bound.scopes[node].lookup(node.id):
            match binding:
                case OpaqueBinding(node=ast.Name() as name):
                    yield from self._assigned(name)
                case OpaqueBinding(node=bound):
                    yield bound
                case ValueBinding(value=value):
                    yield value

    def _assigned(self, node: ast.AST) -> Iterator[ast.expr]:
        """The value that a loop iterates over, or that is unpacked, to bind a name."""
        parent = self.bound.parents[node]
        while isinstance(parent, (*_SEVERAL, ast.Starred)):
            parent = self.bound.parents[parent]
        match parent:
            case ast.For(iter=value) | ast.AsyncFor(iter=value) | ast.comprehension(iter=value):
                yield value
            case ast.Assign(value=value):
                yield value

    def _enter(self, function: Function | ast.Lambda) -> None:
        if isinstance(function, ast.Lambda):
            self._pending.append(function)
            return
        self._pending += function.body
        if function.name == "forward":
            for each in self._methods.pop("forward", ()):
                self._pending += each.body

    def _enter_methods(self, node: ast.ClassDef, names: frozenset[str]) -> None:
        for each in node.body:
            if isinstance(each, _DEFINITIONS) and each.name in names:
                self._enter(each)

    def _call_what_is_given(self, parameter: ast.arg) -> None:
        """Call every argument that the file passes to the function of this parameter."""
        # The functions around it count too: `def guard(times): def decorate(function): ...`.
        owner = self._owners.get(parameter)
        while owner is not None and owner not in self.users:
            if isinstance(owner, _DEFINITIONS):
                self.users.add(owner)
                self._use(owner)
            owner = self.bound.parents.get(owner)

    def _call_own_class(self, parameter: ast.arg) -> None:
        """`self(x)` in a method runs what calling an object of its class runs."""
        method = self._owners.get(parameter)
        around = None if method is None else self.bound.parents[method]
        if self.objects and isinstance(around, ast.ClassDef) and parameter.arg == "self":
            self._enter_methods(around, _OF_CALLS)

    def _use(self, function: Function) -> None:
        name, around = function.name, self.bound.parents[function]
        if name == "__init__" and isinstance(around, ast.ClassDef):
            name = around.name
        for use in self._uses.get(name, ()):
            parent = self.bound.parents[use]
            decorator: ast.AST = use
            if isinstance(parent, ast.Call) and parent.func is use:
                self._call_each(given_values(parent))
                decorator, parent = parent, self.bound.parents[parent]
            if isinstance(parent, _DEFINITIONS) and decorator in parent.decorator_list:
                self._enter(parent)
