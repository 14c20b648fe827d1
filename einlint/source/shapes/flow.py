"""The forward pass over the statements of one scope.

A branch goes on with a copy and the merge keeps what agrees; a loop starts, and ends, with
everything forgotten that it assigns; so do `try` and `with`, which may leave their body anywhere.
"""

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from einlint.source.lines import LineIndex
from einlint.source.scopes import Scope, ScopeKind
from einlint.source.shapes.annotations import annotated_shape
from einlint.source.shapes.arithmetic import binary
from einlint.source.shapes.assuming import assume
from einlint.source.shapes.attributes import registration
from einlint.source.shapes.evaluator import Evaluator
from einlint.source.shapes.mapping import mapped
from einlint.source.shapes.state import Partial, State
from einlint.source.shapes.unpacking import unpacked
from einlint.source.shapes.values import Items, Number, Tensor, Value

_LONGEST = 60
_SWITCHES = frozenset(
    f"torch.{name}"
    for name in ("no_grad", "enable_grad", "inference_mode", "set_grad_enabled", "autocast")
)


@dataclass(slots=True)
class Flow:
    """The pass over one scope.

    store: is told of every attribute that is set: where, its owner, its name and the value.
    """

    scope: Scope
    evaluator: Evaluator
    lines: LineIndex
    store: Callable[[ast.expr, ast.expr, str, Value], None]

    def block(self, statements: Iterable[ast.stmt], state: State) -> bool:
        """Go through statements; whether their end may be reached."""
        return all(self._statement(each, state) for each in statements)

    def _statement(self, node: ast.stmt, state: State) -> bool:
        state.offset = self.lines.starts[node.lineno - 1]
        state.text = self._words(node)
        match node:
            case ast.Assign():
                self._assign(node, state)
            case ast.AnnAssign(value=ast.expr() as expression):
                self._bind(node.target, self._annotated(node.annotation, expression, state), state)
            case ast.AugAssign():
                self._augmented(node, state)
            case ast.Expr():
                self.evaluator.value(node.value, state)
                self._registered(node.value, state)
            case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
                return self._left(node, state)
            case ast.Assert(test=test):
                self.evaluator.value(test, state)
                assume(test, self.evaluator, state)
            case ast.If():
                return self._if(node, state)
            case ast.With() if self._is_transparent(node):
                for item in node.items:
                    self.evaluator.value(item.context_expr, state)
                return self.block(node.body, state)
            case _:
                self._other(node, state)
        return True

    def _assign(self, node: ast.Assign, state: State) -> None:
        match node.targets:
            case [ast.Tuple(elts=targets) | ast.List(elts=targets)]:
                known = mapped(self.evaluator, node.value, len(targets), state)
                self._unpack(targets, known or self.evaluator.value(node.value, state), state)
                return
        value = self.evaluator.value(node.value, state)
        for target in node.targets:
            self._bind(target, value, state)

    def _left(self, node: ast.stmt, state: State) -> bool:
        """The statements that end a block."""
        if isinstance(node, ast.Return) and node.value is not None:
            self.evaluator.value(node.value, state)
        return False

    def _annotated(self, annotation: ast.expr, node: ast.expr, state: State) -> Value:
        """The value; where its shape is not known, the one that jaxtyping promises."""
        value = self.evaluator.value(node, state)
        if self.scope.kind is not ScopeKind.FUNCTION or state.shape(value) is not None:
            return value
        promised = annotated_shape(annotation, self.evaluator.bound, state)
        return value if promised is None else Tensor(promised)

    def _registered(self, node: ast.expr, state: State) -> None:
        """`self.register_buffer(name, value)` sets an attribute."""
        owner, name = registration(node)
        if owner is None or name is None or not isinstance(node, ast.Call):
            return
        given = self.evaluator.given(node, state)
        value = None if given is None else given.get(1, "tensor")
        if value is not None:
            self.store(node, owner, name, value)

    def _if(self, node: ast.If, state: State) -> bool:
        self.evaluator.value(node.test, state)
        other = state.copy()
        if isinstance(node.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break)):
            # Nothing is merged: each side may go on with what the test tells.
            assume(node.test, self.evaluator, state)
            assume(node.test, self.evaluator, other, holds=False)
        is_open = self.block(node.body, state)
        if not self.block(node.orelse, other):
            return is_open
        if is_open:
            state.merged(other)
        else:
            state.values, state.shapes = other.values, other.shapes
        return True

    def _other(self, node: ast.stmt, state: State) -> None:
        """Loops, try, with, match, definitions and all the rest."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            state.forget({node.name}.union(*map(_assigned, _outside(node))))
            return
        names = _assigned(node)
        if "*" in names:
            names |= state.values.keys()
        known = dict(state.shapes)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            self._with(node, state)
        elif isinstance(node, (ast.Try, ast.TryStar)):
            self._try(node, names, state)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            known = self._loop(node, names, state)
        elif isinstance(node, ast.Match):
            for case in node.cases:
                inner = state.copy()
                inner.forget(names)
                self.block(case.body, inner)
        state.forget(names)
        state.shapes = known

    def _with(self, node: ast.With | ast.AsyncWith, state: State) -> None:
        for item in node.items:
            self.evaluator.value(item.context_expr, state)
            if item.optional_vars is not None:
                state.forget(_assigned(item.optional_vars))
        self.block(node.body, state)

    def _is_transparent(self, node: ast.With) -> bool:
        """Whether all it does is to switch torch, and exceptions pass through."""
        return all(
            item.optional_vars is None
            and isinstance(item.context_expr, ast.Call)
            and self.evaluator.path(item.context_expr.func) in _SWITCHES
            for item in node.items
        )

    def _try(self, node: ast.Try | ast.TryStar, names: set[str], state: State) -> None:
        self.block(node.body, state.copy())
        state.forget(names)
        for handler in node.handlers:
            self.block(handler.body, state.copy())
        for block in (node.orelse, node.finalbody):
            self.block(block, state.copy())

    def _loop(
        self, node: ast.For | ast.AsyncFor | ast.While, names: set[str], state: State
    ) -> dict[int, Partial]:
        """The shapes that hold when the loop is over."""
        if not isinstance(node, ast.While):
            self.evaluator.value(node.iter, state)
        state.forget(names)
        known = dict(state.shapes)
        self.block(node.body, state.copy())
        self.block(node.orelse, state.copy())
        return known

    def _augmented(self, node: ast.AugAssign, state: State) -> None:
        """`x += y` leaves the shape of a tensor; whoever else has the object sees the change."""
        other = self.evaluator.value(node.value, state)
        if not isinstance(node.target, ast.Name):
            return
        name = node.target.id
        value = state.values.get(name)
        if state.shape(value) is not None and not isinstance(node.op, ast.MatMult):
            return
        alike = [each for each, held in state.values.items() if held == value]
        is_number = isinstance(value, Number) and isinstance(other, Number)
        result = binary(node.op, value, other, state) if value is not None and is_number else None
        if not isinstance(value, Number):
            state.forget(alike)
        self._bind(node.target, result or state.thing(name), state)

    def _bind(self, target: ast.expr, value: Value, state: State) -> None:
        """Note what a target stands for; a list may be changed by whoever gets hold of it."""
        match target:
            case ast.Name(id=name) if isinstance(value, Items) and _has_list(value):
                state.forget([name])
            case ast.Name(id=name):
                is_foreign = name in self.scope.shared or name in self.scope.declarations
                state.values[name] = state.thing(name) if is_foreign else value
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                self._unpack(targets, value, state)
            case ast.Starred(value=inner):
                self._bind(inner, state.thing(), state)
            case ast.Attribute():
                self.store(target, target.value, target.attr, value)
            case ast.Subscript():
                self.evaluator.value(target.value, state)

    def _unpack(self, targets: Sequence[ast.expr], value: Value, state: State) -> None:
        starred = [isinstance(each, ast.Starred) for each in targets]
        values = unpacked(value, list(map(_name, targets)), starred, state)
        for target, part in zip(targets, values, strict=True):
            self._bind(target, state.thing(_name(target)) if part is None else part, state)

    def _words(self, node: ast.stmt) -> str:
        row = self.lines.line(node.lineno).strip()
        shown = row if len(row) <= _LONGEST else f"{row[: _LONGEST - 3]}..."
        return f"`{shown}` at {self.lines.row_in_words(node.lineno)}"


def _has_list(value: Items) -> bool:
    return value.is_list or any(isinstance(each, Items) and _has_list(each) for each in value.parts)


def _name(target: ast.expr) -> str:
    return target.id if isinstance(target, ast.Name) and target.id != "_" else ""


def _outside(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.AST]:
    """What of a definition is evaluated in the scope around it."""
    rest: list[ast.AST] = [each for each in ast.iter_child_nodes(node) if each not in node.body]
    return rest


def _assigned(node: ast.AST) -> set[str]:
    """Every name that is bound or deleted anywhere in a statement."""
    names: set[str] = set()
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                names.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.MatchMapping(rest=str(name)):
                names.add(name)
            case ast.alias(name=name, asname=other):
                names.add(other or name.partition(".")[0])
    return names
