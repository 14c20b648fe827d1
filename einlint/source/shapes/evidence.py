"""The shapes of the operands of every einsum call of a file."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from einlint.algebra.amounts import Symbols
from einlint.algebra.sizes import Shape
from einlint.source.apis import Api
from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.lines import LineIndex
from einlint.source.scopes import Scope, ScopeKind
from einlint.source.shapes.annotations import annotated_shape
from einlint.source.shapes.attributes import Attributes, setting
from einlint.source.shapes.changed import changes_modules
from einlint.source.shapes.evaluator import Evaluator
from einlint.source.shapes.flow import Flow
from einlint.source.shapes.layers import numbers_of
from einlint.source.shapes.state import State
from einlint.source.shapes.unsure import is_unsure
from einlint.source.shapes.values import Instance, Layer, Number, Scalar, Tensor, Thing, Value

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_SWITCHES: Final = frozenset(f"torch.{name}" for name in ("no_grad", "inference_mode", "compile"))


def shapes_of(
    bound: BoundModule, lines: LineIndex, apis: Mapping[ast.Call, Api]
) -> dict[ast.expr, Shape | None]:
    """What is proved of each operand of the einsum calls of a file.

    Nothing is, where the file changes shapes, names, layers or torch itself unseen. Taken for
    granted: other files do no such thing to what is of this one either.
    """
    return _Pass(bound, lines, apis).run() if apis and not is_unsure(bound) else {}


@dataclass(slots=True)
class _Pass:
    """apis: the einsum calls. fixed: no Sequential is changed."""

    bound: BoundModule
    lines: LineIndex
    apis: Mapping[ast.Call, Api]
    symbols: Symbols = field(default_factory=Symbols)
    attributes: Attributes = field(init=False)
    fixed: bool = True

    def __post_init__(self) -> None:
        self.attributes = Attributes(self.bound)

    def run(self) -> dict[ast.expr, Shape | None]:
        found: dict[ast.expr, Shape | None] = {}
        self.fixed = not changes_modules(self.bound)
        evaluator = self._evaluator(found)
        tree = self.bound.tree
        module = State(self.symbols)
        wanted = self._around_calls()
        self._guarded(self.bound.all_scopes[0], evaluator, tree.body, module)
        known = self._module_values(module)
        classes: dict[ast.ClassDef, Instance] = {}
        for node in wanted:
            if isinstance(node, ast.ClassDef):
                classes[node] = self._instance(node, known)
        for node in wanted:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                owner = self.bound.parents[node]
                instance = classes.get(owner) if isinstance(owner, ast.ClassDef) else None
                self._guarded(*self._entered(node, evaluator, known, instance))
        return found

    def _around_calls(self) -> list[ast.AST]:
        """The functions and classes that hold einsum calls."""
        wanted: dict[ast.AST, None] = {}
        for call in self.apis:
            parent: ast.AST | None = call
            while parent is not None and parent not in wanted:
                if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    wanted[parent] = None
                parent = self.bound.parents.get(parent)
        return list(wanted)

    def _guarded(
        self, scope: Scope, evaluator: Evaluator, body: list[ast.stmt], state: State
    ) -> None:
        """One scope; what is nested too deeply to be walked keeps no claims."""
        mine = self._evaluator()
        try:
            Flow(scope, mine, self.lines, lambda *_: None).block(body, state)
        except RecursionError:
            state.values.clear()
        else:
            evaluator.found.update(mine.found)

    def _evaluator(self, found: dict[ast.expr, Shape | None] | None = None) -> Evaluator:
        return Evaluator(self.bound, self.apis, {} if found is None else found, fixed=self.fixed)

    def _module_values(self, module: State) -> dict[str, Value]:
        """What functions may read: names that the module binds once."""
        scope = self.bound.all_scopes[0]
        return {
            name: value
            for name, value in module.values.items()
            if isinstance(value, (Tensor, Number))
            and len(scope.bindings.get(name, ())) == 1
            and name not in scope.shared
            and not scope.star_imports
        }

    def _entered(
        self,
        node: _Function,
        evaluator: Evaluator,
        known: dict[str, Value],
        instance: Instance | None,
    ) -> tuple[Scope, Evaluator, list[ast.stmt], State]:
        scope = self._scope_of(node)
        state = State(self.symbols, dict(known))
        for name in (*scope.bindings, *scope.declarations):
            state.values.pop(name, None)
        outer: Scope | None = scope.parent
        while outer is not None and outer.kind is not ScopeKind.MODULE:
            for name in outer.bindings:
                state.values.pop(name, None)
            outer = outer.parent
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        defaults = _defaults(node.args)
        for argument in arguments:
            thing = state.thing(argument.arg, is_tensor=self._is_tensor(argument.annotation))
            state.values[argument.arg] = thing
            state.text = self._words(argument)
            state.offset = self.lines.starts[argument.lineno - 1]
            promised = annotated_shape(argument.annotation, self.bound, state)
            if promised is not None:
                state.values[argument.arg] = Tensor(promised)
            is_annotated = getattr(argument.annotation, "id", "") == "int"
            if is_annotated or _is_integer(defaults.get(argument)):
                self.symbols.doubtful.discard(thing.symbol)
                state.values[argument.arg] = Number(self.symbols.amount(thing.symbol))
        if instance is not None and arguments and self._is_switched(node):
            state.values[arguments[0].arg] = instance
        return scope, evaluator, node.body, state

    def _words(self, argument: ast.arg) -> str:
        return f"`{ast.unparse(argument)}` at {self.lines.row_in_words(argument.lineno)}"

    def _is_tensor(self, annotation: ast.expr | None) -> bool:
        if not isinstance(annotation, (ast.Name, ast.Attribute)):
            return False
        return dotted_path(annotation, self.bound.scopes[annotation]) == "torch.Tensor"

    def _scope_of(self, node: _Function) -> Scope:
        """The scope that a function opens: the one its first statement is in."""
        return self.bound.scopes[node.body[0]]

    def _instance(self, node: ast.ClassDef, known: dict[str, Value]) -> Instance:
        """The attributes that only `__init__` sets, once, outside of loops and branches."""
        init = next(
            (
                each
                for each in node.body
                if isinstance(each, ast.FunctionDef) and each.name == "__init__"
            ),
            None,
        )
        attributes = self.attributes
        if init is None or not attributes.are_named or not attributes.are_seen(node):
            return Instance(())
        scope, _, body, state = self._entered(init, self._evaluator(), known, None)
        stored: dict[str, Value] = {}
        top = {id(each) for each in setting(body)}
        own = init.args.args[0].arg if init.args.args else ""

        def store(place: ast.expr, owner: ast.expr, name: str, value: Value) -> None:
            is_own = isinstance(owner, ast.Name) and owner.id == own
            if is_own and id(place) in top and attributes.is_set_once(name, node):
                stored[name] = value
                state.values[own] = Instance(tuple(stored.items()))

        try:
            Flow(scope, self._evaluator(), self.lines, store).block(body, state)
        except RecursionError:
            return Instance(())
        for value in stored.values():
            if isinstance(value, Layer):
                for number in numbers_of(value):
                    self.symbols.trust(number.symbol)
        kept = (Tensor, Number, Scalar, Layer, Thing)
        return Instance(
            tuple((name, value) for name, value in stored.items() if isinstance(value, kept))
        )

    def _is_switched(self, node: _Function) -> bool:
        """Whether all its decorators pass the arguments on: `torch.no_grad()` and its like."""
        bare = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
        return all(
            isinstance(each, (ast.Name, ast.Attribute))
            and dotted_path(each, self.bound.scopes[each]) in _SWITCHES
            for each in bare
        )


def _defaults(arguments: ast.arguments) -> dict[ast.arg, ast.expr | None]:
    """The default of each parameter that has one."""
    plain = [*arguments.posonlyargs, *arguments.args]
    count = len(arguments.defaults)
    pairs = zip(plain[len(plain) - count :], arguments.defaults, strict=True)
    return {**dict(pairs), **dict(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))}


def _is_integer(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int
