"""The forward pass over the statements of one scope, which reads them into terms.

A branch goes on with a copy, and the merge makes a choice of what differs. A loop starts, and
ends, with everything forgotten that it assigns; so do `try` and `with`, which may leave their
body anywhere.
"""

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from einlint.source.attributes import registration
from einlint.source.expressions import MATMUL, OPERATORS, Expressions, State, mentioned
from einlint.source.guards import assume
from einlint.source.knowledge import Knowledge
from einlint.source.mapping import mapped
from einlint.source.scopes import Scope, ScopeKind
from einlint.source.terms import (
    CHOICE,
    CONSTANT,
    OPAQUE,
    PRODUCT,
    SIZE,
    Term,
    free,
)
from einlint.source.unpacking import unpacked

_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True, eq=False)
class Reading:
    """The pass over one scope.

    store: is told of every attribute that is set: where, its owner, its name and the value.
    sinks: what leaves the scope, as terms whose operators say how: `return`, `raise`, `store`,
        `closure`, `test` for what decides what runs, `statement` for what is computed and not kept,
        and `forgotten` for what a name may stand for behind a loop or its like.
    """

    scope: Scope
    expressions: Expressions
    store: Callable[[ast.expr, ast.expr, str, Term], None] = lambda *_: None
    sinks: list[Term] = field(default_factory=list)

    def block(self, statements: Iterable[ast.stmt], state: State) -> bool:
        """Go through statements; whether their end may be reached."""
        return all(self._statement(each, state) for each in statements)

    def _statement(self, node: ast.stmt, state: State) -> bool:
        state.line = node.lineno
        read = self.expressions.read
        match node:
            case ast.Assign():
                self._assign(node, state)
            case ast.AnnAssign(value=ast.expr() as expression):
                self._bind(node.target, read(expression, state), state)
            case ast.AugAssign():
                self._augmented(node, state)
            case ast.Expr():
                self._expression(node.value, state)
            case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
                value = getattr(node, "value", None) or getattr(node, "exc", None)
                if value is not None:
                    self._sink(type(node).__name__.lower(), read(value, state))
                return False
            case ast.Assert(test=test):
                self._sink("test", read(test, state))
                assume(test, self.expressions, state)
            case ast.If():
                return self._if(node, state)
            case _:
                self._other(node, state)
        return True

    def _sink(self, how: str, *terms: Term) -> None:
        self.sinks.append(Term(how, terms))

    def _assign(self, node: ast.Assign, state: State) -> None:
        match node.targets:
            case [ast.Tuple(elts=targets) | ast.List(elts=targets)]:
                many = mapped(self.expressions, node.value, len(targets), state)
                value = many or self.expressions.read(node.value, state)
                self._unpack(targets, value, state)
                return
        value = self.expressions.read(node.value, state)
        for target in node.targets:
            self._bind(target, value, state)

    def _expression(self, node: ast.expr, state: State) -> None:
        value = self.expressions.read(node, state)
        self._sink("statement", value)
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
                # `x.masked_fill_(...)`: from here on the name stands for what that made of it.
                if method.endswith("_") and not method.endswith("__") and name in state.names:
                    self._replace(state.names[name], value, state)
        owner, attribute = registration(node)
        if owner is not None and attribute is not None:
            # The receiver and the name come first.
            buffer = value.keywords.get("tensor") or next(iter(value.positional[2:3]), None)
            if buffer is not None:
                self.store(node, owner, attribute, buffer)

    def _replace(self, old: Term, new: Term, state: State) -> None:
        """What was changed in place has been changed under all its names."""
        self.expressions.budget.copy(len(state.names))
        for name in [name for name, term in state.names.items() if term is old]:
            state.bind(name, new)

    def _if(self, node: ast.If, state: State) -> bool:
        test = self.expressions.read(node.test, state)
        self._sink("test", test)
        self.expressions.budget.copy(2 * len(state.names))
        one, other = state.copy(), state.copy()
        assume(node.test, self.expressions, one)
        assume(node.test, self.expressions, other, holds=False)
        ways = [one] if self.block(node.body, one) else []
        ways += [other] if self.block(node.orelse, other) else []
        if len(ways) == 1:
            state.names, state.knowledge = ways[0].names, ways[0].knowledge
            state.changed |= ways[0].changed
        elif ways:
            # What only one branch learned is not known behind both: `state` has not learned it.
            for name in sorted(one.changed | other.changed):
                state.bind(name, self._either(name, test, one, other))
        return bool(ways)

    def _either(self, name: str, test: Term, one: State, other: State) -> Term:
        """What a name stands for behind both branches."""
        mine, its = one.names.get(name), other.names.get(name)
        if mine is None or its is None:
            return free(name, one.line)
        return mine if mine is its else Term(CHOICE, (test, mine, its), line=one.line)

    def _other(self, node: ast.stmt, state: State) -> None:
        """Loops, try, with, match, definitions and all the rest."""
        if isinstance(node, _FUNCTIONS):
            if self.scope.kind is ScopeKind.FUNCTION:  # what a module binds, anybody may see
                self._sink("closure", *mentioned(node, state))
            # Defaults and decorators are evaluated here, and may hold a walrus.
            state.forget({node.name} | self.scope.walruses)
            return
        names = _assigned(node)
        if "*" in names:
            names |= state.names.keys()
        if names & state.names.keys() and not isinstance(node, (ast.With, ast.AsyncWith)):
            self._sink_bound(names, state)  # what is read in there may be what they stand for now
        state.knowledge = self._unsure(node, names, state)
        self._sink_bound(names, state)
        state.forget(names)

    def _unsure(self, node: ast.stmt, names: set[str], state: State) -> Knowledge:
        """Bodies that may run not at all, in part or often; the facts that hold behind them."""
        before = state.knowledge
        match node:
            case ast.With() | ast.AsyncWith():
                for each in node.items:
                    self._sink("statement", self.expressions.read(each.context_expr, state))
                    if each.optional_vars is not None:
                        state.forget(_assigned(each.optional_vars))
                before = state.knowledge
                self.block(node.body, state)
            case ast.Try() | ast.TryStar():
                self._blocks([node.body], state)
                state.forget(names)
                handlers = [each.body for each in node.handlers]
                self._blocks([*handlers, node.orelse, node.finalbody], state)
            case ast.While():
                state.forget(names)
                self._blocks([node.body, node.orelse], state)
            case ast.For() | ast.AsyncFor():
                self._sink("test", self.expressions.read(node.iter, state))
                before = state.knowledge
                state.forget(names)
                self._blocks([node.body, node.orelse], state)
            case ast.Match():
                state.forget(names)
                self._blocks([each.body for each in node.cases], state)
        return before

    def _blocks(self, bodies: Iterable[list[ast.stmt]], state: State) -> None:
        """Bodies of which each may run alone."""
        for body in bodies:
            self.expressions.budget.copy(len(state.names))
            inside = state.copy()
            self.block(body, inside)
            self._sink_bound(inside.changed, inside)

    def _sink_bound(self, names: Iterable[str], state: State) -> None:
        """Names are about to be forgotten; what they stand for may be used all the same."""
        kept = tuple(state.names[name] for name in sorted(names) if name in state.names)
        self._sink("forgotten", *kept)

    def _augmented(self, node: ast.AugAssign, state: State) -> None:
        """`x += y` may change the object or make another one; a tensor keeps its shape."""
        other = self.expressions.read(node.value, state)
        if not isinstance(node.target, ast.Name):
            if isinstance(node.target, ast.Subscript):
                self._bind(node.target, other, state)
            return
        old = state.names.get(node.target.id)
        if old is None:
            state.forget({node.target.id})
            return
        if isinstance(node.op, ast.MatMult):
            new = Term(PRODUCT, (old, other), detail=MATMUL, line=state.line)
        else:
            operator = OPERATORS.get(type(node.op), OPAQUE)
            new = Term("augmented", (old, other), detail=operator, line=state.line)
        if old.operator not in (CONSTANT, SIZE):
            self._replace(old, Term("aliased", (old, other), line=state.line), state)
        self._bind(node.target, new, state)

    def _bind(self, target: ast.expr, value: Term, state: State) -> None:
        """Note what a target stands for; a list may be changed by whoever gets hold of it."""
        match target:
            case ast.Name(id=name):
                is_foreign = name in self.scope.shared or name in self.scope.declarations
                is_kept = not is_foreign and not value.has_list
                state.bind(name, value if is_kept else free(name, state.line))
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                self._unpack(targets, value, state)
            case ast.Starred(value=inner):
                self._bind(inner, free("", state.line), state)
            case ast.Attribute():
                self._sink("store", value)
                self.store(target, target.value, target.attr, value)
            case ast.Subscript(value=owner):
                self._sink("store", value)
                changed = self.expressions.read(owner, state)
                if isinstance(owner, ast.Name) and owner.id in state.names:
                    written = Term("aliased", (changed, value), line=state.line)
                    self._replace(changed, written, state)

    def _unpack(self, targets: Sequence[ast.expr], value: Term, state: State) -> None:
        for target, part in zip(targets, unpacked(value, targets, state), strict=True):
            self._bind(target, part, state)


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
