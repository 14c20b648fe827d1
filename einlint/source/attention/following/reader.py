"""The statements of a function, and all that they call, in the order in which they may run.

A branch goes on from what held before it, and both are joined behind it; the body of a loop is read
twice. Nothing is copied but what a branch binds, so the work grows with the size of a function.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from einlint.source.attention.following.expressions import Expressions, name_of
from einlint.source.attention.following.forms import Product
from einlint.source.attention.following.values import NOTHING, Value, joined
from einlint.source.binder import Function


@dataclass(slots=True)
class Reader(Expressions):
    """Reads the functions of one file."""

    def function(self, node: Function) -> None:
        """Read a function of which nobody knows who calls it."""
        self._names, self._local, self._changes = {}, {}, []
        self._returned, self.entered, self._in_loop = [], [], 0
        self._enter(node, {})

    def _enter(self, node: Function, given: dict[str, Value]) -> Value:
        """Read the body of a function; what it returns."""
        self.lines += (node.end_lineno or node.lineno) - node.lineno + 1
        outer, self._returned = self._returned, []
        names = self._names
        kept = {name: value for name, value in names.items() if "." in name}
        is_inner = node in self._local.values()
        self._names = {**(names if is_inner else kept), **given}
        changes, self._changes = self._changes, []
        self.entered.append(node)
        self._block(node.body)
        self.entered.pop()
        self._changes = changes
        inside, self._names = self._names, names
        for name, value in inside.items():
            if "." in name and names.get(name) is not value:
                self._set(name, value)
        value = joined(self._returned)
        self._returned = outer
        return value

    # ---- statements

    def _block(self, body: Iterable[ast.stmt]) -> bool:
        return all(self._statement(each) for each in body)

    def _statement(self, node: ast.stmt) -> bool:
        """Read a statement; whether what stands behind it may run."""
        match node:
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                self._assignment(node)
            case ast.Return(value=value):
                self._returned.append(NOTHING if value is None else self._read(value))
                return False
            case ast.Raise() | ast.Continue() | ast.Break():
                return False
            case ast.Expr(value=value):
                self._read(value)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._local[node.name] = node
            case _:
                return self._compound(node)
        return True

    def _assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                found = self._read(value)
                for target in targets:
                    self._bind(target, found)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, self._read(value))
            case ast.AugAssign(target=target, value=value, op=ast.MatMult()):
                self._bind(target, self._product(value, Product((target, value))))
            case ast.AugAssign(target=target, value=value, op=op):
                self._bind(target, self._read(ast.BinOp(target, op, value)))

    def _compound(self, node: ast.stmt) -> bool:
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                self._read(test)
                return self._branches([body, orelse])
            case ast.For(target=target, iter=values) | ast.AsyncFor(target=target, iter=values):
                for _ in range(1 if self._in_loop else 2):
                    self._each(target, values)
                    self._loop(node.body)
                self._block(node.orelse)
            case ast.While(test=test):
                for _ in range(1 if self._in_loop else 2):
                    self._read(test)
                    self._loop(node.body)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for each in items:
                    self._read(each.context_expr)
                return self._block(body)
            case ast.Try() | ast.TryStar():
                handlers = [each.body for each in node.handlers]
                self._branches([[*node.body, *node.orelse], *handlers])
                self._block(node.finalbody)
            case ast.Match(subject=subject, cases=cases):
                self._read(subject)
                self._branches([*(each.body for each in cases), []])
        return True

    def _loop(self, body: list[ast.stmt]) -> None:
        self._in_loop += 1
        self._branches([body, []])
        self._in_loop -= 1

    def _branches(self, bodies: Sequence[list[ast.stmt]]) -> bool:
        """Bodies of which one runs."""
        ends: list[dict[str, Value]] = []
        for body in bodies:
            self._changes.append({})
            is_open = self._block(body)
            before = self._changes.pop()
            if is_open or self._in_loop:
                ends.append({name: self._names.get(name, NOTHING) for name in before})
            for name, value in before.items():
                if value is None:
                    self._names.pop(name, None)
                else:
                    self._names[name] = value
        for name in dict.fromkeys(name for end in ends for name in end):
            sides = [end.get(name) or self._names.get(name, NOTHING) for end in ends]
            self._set(name, joined(sides))
        return bool(ends)

    def _followed(
        self, node: ast.Call, given: list[Value], named: dict[str | None, Value]
    ) -> Value | None:
        """What a function of the file makes of what it is given; None if it is not read."""
        function = self._local.get(name_of(node.func))
        function = function or self.known.function(node.func, self.entered)
        if function is None or not self.known.may_read(function, self):
            return None
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        is_method = isinstance(self.forms.bound.parents[function], ast.ClassDef)
        if is_method and names and not self.known.is_static(function):
            names = names[1:]
        values = dict(zip(names, given, strict=False))
        values |= {name: value for name, value in named.items() if name is not None}
        return self._enter(function, values)
