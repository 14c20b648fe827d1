"""The shapes of the operands of every einsum call of a file."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from einlint.algebra.amounts import Symbols
from einlint.algebra.sizes import Axis, Shape
from einlint.lines import LineIndex
from einlint.source.binder import BoundModule
from einlint.source.imports import called_api, dotted_path
from einlint.source.names import last_name
from einlint.source.scopes import Scope, ScopeKind
from einlint.source.shapes.annotations import annotated_shape
from einlint.source.shapes.changed import changes_modules
from einlint.source.shapes.evaluator import Evaluator
from einlint.source.shapes.flow import Flow
from einlint.source.shapes.layers import numbers_of
from einlint.source.shapes.state import State
from einlint.source.shapes.unsure import is_unsure
from einlint.source.shapes.values import Instance, Layer, Number, Scalar, Tensor, Thing, Value

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_SETTERS: Final = frozenset(
    {"setattr", "vars", "__dict__", "__setattr__", "_parameters", "_buffers", "_modules"}
)
_REGISTERING: Final = frozenset(
    {"add_module", "register_module", "register_parameter", "register_parametrization"}
)
_SWITCHES: Final = frozenset(f"torch.{name}" for name in ("no_grad", "inference_mode", "compile"))
_MODULES: Final = frozenset({"torch.nn.Module", "torch.nn.modules.Module"})


def shapes_of(bound: BoundModule, lines: LineIndex) -> dict[ast.expr, Shape | None]:
    """What is proved of each operand of the einsum calls of a file.

    Nothing is, where the file changes shapes, names, layers or torch itself unseen. Taken for
    granted: other files do no such thing to what is of this one either.
    """
    calls = [node for node in bound.scopes if isinstance(node, ast.Call)]
    if not any(called_api(call, bound) for call in calls) or is_unsure(bound):
        return {}
    return _Pass(bound, lines).run()


@dataclass(slots=True)
class _Pass:
    """sets_by_name: attributes are set by names that only a run tells.

    fixed: no Sequential is changed.
    """

    bound: BoundModule
    lines: LineIndex
    symbols: Symbols = field(default_factory=Symbols)
    sets_by_name: bool = False
    fixed: bool = True

    def run(self) -> dict[ast.expr, Shape | None]:
        found: dict[ast.expr, Shape | None] = {}
        self.fixed = not changes_modules(self.bound.scopes)
        evaluator = Evaluator(self.bound, found, fixed=self.fixed)
        tree = self.bound.tree
        module = State(self.symbols)
        wanted = self._around_calls()
        self._guarded(self.bound.all_scopes[0], evaluator, tree.body, module)
        known = self._module_values(module)
        classes: dict[ast.ClassDef, Instance] = {}
        self.sets_by_name = self._find_setters()
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
        for node in list(self.bound.scopes):
            if isinstance(node, ast.Call) and called_api(node, self.bound) is not None:
                parent: ast.AST | None = node
                while parent is not None and parent not in wanted:
                    if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                        wanted[parent] = None
                    parent = self.bound.parents.get(parent)
        return list(wanted)

    def _guarded(
        self, scope: Scope, evaluator: Evaluator, body: list[ast.stmt], state: State
    ) -> None:
        """One scope; what is nested too deeply to be walked keeps no claims."""
        mine = Evaluator(self.bound, fixed=self.fixed)
        try:
            Flow(scope, mine, self.lines, lambda _, __: None).block(body, state)
        except RecursionError:
            state.values.clear()
        else:
            evaluator.found.update(mine.found)

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
        names: dict[str, Axis] = {}
        for argument in arguments:
            thing = state.thing(argument.arg, is_tensor=self._is_tensor(argument.annotation))
            state.values[argument.arg] = thing
            state.text, state.row = self._words(argument), argument.lineno
            promised = annotated_shape(argument.annotation, self.bound, names, state)
            if promised is not None:
                state.values[argument.arg] = Tensor(promised)
            is_annotated = getattr(argument.annotation, "id", "") == "int"
            if is_annotated or _is_integer(defaults.get(argument)):
                self.symbols.doubtful.discard(thing.symbol)
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
        if init is None or self.sets_by_name or not self._is_plain(node):
            return Instance(())
        heirs = self._heirs(node)
        if any(len(each.bases) > 1 for each in heirs):  # one of them may set what it likes
            return Instance(())
        scope, _, body, state = self._entered(
            init, Evaluator(self.bound, fixed=self.fixed), known, None
        )
        stored: dict[str, Value] = {}
        top = {id(target) for each in body for target in _targets(each)}
        own = init.args.args[0].arg if init.args.args else ""

        def store(target: ast.Attribute, value: Value) -> None:
            is_own = isinstance(target.value, ast.Name) and target.value.id == own
            is_known = is_own and id(target) in top
            if is_known and self._is_set_once(target.attr, node, heirs):
                stored[target.attr] = value
                state.values[own] = Instance(tuple(stored.items()))

        try:
            Flow(scope, Evaluator(self.bound, fixed=self.fixed), self.lines, store).block(
                body, state
            )
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

    def _find_setters(self) -> bool:
        is_read_otherwise = "__getattribute__" in self.bound.all_scopes[0].methods
        return is_read_otherwise or any(
            last_name(node) in _SETTERS
            or (isinstance(node, ast.Call) and last_name(node.func) in _REGISTERING)
            for node in self.bound.scopes
            if isinstance(node, (ast.Name, ast.Attribute, ast.Call))
        )

    def _heirs(self, node: ast.ClassDef) -> list[ast.ClassDef]:
        """The class and the classes of the file that are derived from it."""
        heirs = {node.name: node}
        for each in self.bound.scopes:
            if isinstance(each, ast.ClassDef) and heirs.keys() & set(map(last_name, each.bases)):
                heirs[each.name] = each
        return list(heirs.values())

    def _is_switched(self, node: _Function) -> bool:
        """Whether all its decorators pass the arguments on: `torch.no_grad()` and its like."""
        bare = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
        return all(
            isinstance(each, (ast.Name, ast.Attribute))
            and dotted_path(each, self.bound.scopes[each]) in _SWITCHES
            for each in bare
        )

    def _is_plain(self, node: ast.ClassDef) -> bool:
        """Whether its bases set no attributes that we do not see."""
        return not node.decorator_list and all(
            isinstance(each, (ast.Name, ast.Attribute))
            and dotted_path(each, self.bound.scopes[node]) in _MODULES
            for each in node.bases
        )

    def _is_set_once(self, name: str, node: ast.ClassDef, heirs: list[ast.ClassDef]) -> bool:
        """Whether no other place of the file sets or defines an attribute of this name.

        Other classes may set theirs on `self`, but for those that are derived from a class of
        the file.
        """
        inside = 0
        for owner, attribute in self.bound.patches:
            if attribute != name:
                continue
            around = None if owner is None else self._class_around(owner)
            is_self = isinstance(owner, ast.Name) and owner.id == "self"
            if around is node:
                inside += 1
            elif around is None or not is_self or not self._is_plain(around):
                return False
        bodies = [self.bound.scopes[each.body[0]] for each in heirs]
        methods = self.bound.all_scopes[0].methods
        is_defined = name in methods or any(name in body.bindings for body in bodies)
        return inside == 1 and not is_defined

    def _class_around(self, node: ast.AST) -> ast.ClassDef | None:
        parent: ast.AST | None = node
        while parent is not None and not isinstance(parent, ast.ClassDef):
            parent = self.bound.parents.get(parent)
        return parent


def _targets(node: ast.stmt) -> Iterator[ast.expr]:
    match node:
        case ast.Assign(targets=targets):
            for target in targets:
                yield from target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        case ast.AnnAssign(target=target):
            yield target


def _defaults(arguments: ast.arguments) -> dict[ast.arg, ast.expr | None]:
    """The default of each parameter that has one."""
    plain = [*arguments.posonlyargs, *arguments.args]
    count = len(arguments.defaults)
    pairs = zip(plain[len(plain) - count :], arguments.defaults, strict=True)
    return {**dict(pairs), **dict(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))}


def _is_integer(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int
