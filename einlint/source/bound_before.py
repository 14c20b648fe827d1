"""The values of a local name where it is read, from the bindings above that place."""

import ast
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from einlint.source.binder import BoundModule
from einlint.source.scopes import Binding, ImportBinding, Scope, ScopeKind, ValueBinding

_Place: TypeAlias = tuple[int, int]
# How many bindings of one name are read, from the last one back.
_MOST: Final = 4
_MOST_PARTS: Final = 16
_TARGETS: Final = (ast.Tuple, ast.List, ast.Starred)


@dataclass(slots=True, eq=False)
class BoundBefore:
    """The bindings of names in source order; sorted when a name is first read."""

    bound: BoundModule
    _sorted: dict[tuple[Scope, str], list[tuple[_Place, ast.AST]]] = field(default_factory=dict)

    def values(self, name: ast.Name) -> Iterator[ast.expr]:
        """The expressions that the name, or a part of them, may have as value; the last one first.

        Only bindings above that place, in the same function or module, count. A binding in a
        branch may not have run, so the bindings before it count too.
        """
        scope = self.bound.scopes[name]
        while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
            if name.id in scope.bindings:
                return
            scope = scope.parent
        found = self._bindings(scope, name.id)
        at = bisect_right(found, (name.lineno, name.col_offset), key=lambda each: each[0])
        around = set(self._blocks(name)) if at else set()
        for _, node in reversed(found[max(0, at - _MOST) : at]):
            yield from self._values(node)
            is_sum = isinstance(self._parent(node), ast.AugAssign)
            if next(self._blocks(node), None) in around and not is_sum:
                return

    def _bindings(self, scope: Scope, name: str) -> list[tuple[_Place, ast.AST]]:
        known = self._sorted.get((scope, name))
        if known is None:
            nodes = [_node(each) for each in scope.bindings.get(name, ())]
            places = [(self._end(node), node) for node in nodes]
            known = self._sorted[scope, name] = sorted(places, key=lambda each: each[0])
        return known

    def _end(self, node: ast.AST) -> _Place:
        """Where the name gets its value: at the end of the statement, or of the loop target."""
        parent = self._parent(node)
        last = parent if isinstance(parent, (ast.Assign, ast.AugAssign)) else node
        return getattr(last, "end_lineno", 0) or 0, getattr(last, "end_col_offset", 0) or 0

    def _parent(self, node: ast.AST) -> ast.AST | None:
        """The node that binds a target, alone or in a tuple."""
        parent = self.bound.parents.get(node)
        while isinstance(parent, _TARGETS):
            parent = self.bound.parents.get(parent)
        return parent

    def _values(self, node: ast.AST) -> Iterator[ast.expr]:
        match self._parent(node):
            case ast.Assign(value=ast.Tuple(elts=parts)) if part := self._part(node, parts):
                yield part
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                yield value
            case ast.NamedExpr(value=value) | ast.For(iter=value) | ast.AsyncFor(iter=value):
                yield value
            case ast.AugAssign(value=value):
                yield value

    def _part(self, node: ast.AST, parts: Sequence[ast.expr]) -> ast.expr | None:
        """The value of one of several targets: `a, b = x, y`; None if that is not clear."""
        targets = self.bound.parents[node]
        if not isinstance(targets, (ast.Tuple, ast.List)) or len(targets.elts) != len(parts):
            return None
        is_plain = isinstance(self.bound.parents[targets], ast.Assign) and len(parts) <= _MOST_PARTS
        if not is_plain or any(isinstance(each, ast.Starred) for each in (*targets.elts, *parts)):
            return None
        return next(
            part for target, part in zip(targets.elts, parts, strict=True) if target is node
        )

    def _blocks(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around the statement of a node, from the inside."""
        current: ast.AST | None = node
        while current is not None and not isinstance(current, ast.stmt):
            current = self.bound.parents.get(current)
        while current is not None and (current := self.bound.parents.get(current)) is not None:
            yield current


def _node(binding: Binding) -> ast.AST:
    match binding:
        case ImportBinding(statement=statement):
            return statement
        case ValueBinding(value=value):
            return value
    return binding.node
