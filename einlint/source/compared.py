"""Calls whose result a comparison tests: replacing them would change what is tested."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, TypeAlias

from einlint.source.binder import BoundModule
from einlint.source.bound_before import BoundBefore
from einlint.source.imports import dotted_path
from einlint.source.names import given_values, last_name
from einlint.source.scopes import OpaqueBinding, Scope

_Sides: TypeAlias = tuple[ast.expr, ast.expr]
_NAMES: Final = re.compile(
    r"(all|is)close|(array_)?equal|(assert|check|verify|compare)\w*(close|equal|same)\w*",
    re.IGNORECASE,
)
_KEYWORDS: Final = frozenset(
    {"actual", "expected", "desired", "input", "other", "a", "b", "x", "y"}
)
_WHOLE: Final = frozenset({"all", "assertTrue", "assert_"})
# Functions between a difference and the one number that measures it.
_SIZE: Final = frozenset({"abs", "absolute", "fabs", "norm", "square", "pow"})
_LARGEST: Final = frozenset({"max", "amax"})
_WAY: Final = (
    _SIZE
    | _LARGEST
    | {"sum", "mean", "sqrt", "item", "all", "float", "double", "cpu", "detach", "numpy", "flatten"}
)
# These read properties of a tensor, not its values.
_FACTS: Final = frozenset(
    {"shape", "dtype", "device", "ndim", "size", "dim", "stride", "numel", "data_ptr", "len"}
    | {"requires_grad", "grad_fn", "is_contiguous", "type", "isinstance", "layout", "names"}
)
_CREATING: Final = frozenset(
    {"tensor", "as_tensor", "array", "asarray", "zeros", "ones", "full", "eye", "arange"}
    | {"Tensor", "FloatTensor", "LongTensor", "linspace"}
)
_LIKE: Final = frozenset({"zeros_like", "ones_like", "full_like"})
_KEEPING: Final = frozenset(
    {"to", "float", "double", "half", "cuda", "cpu", "numpy", "long", "view", "reshape"}
    | {"unsqueeze", "squeeze", "expand", "expand_as", "repeat", "clone", "type"}
)
_LIBRARIES: Final = ("torch.", "numpy.")
# Methods and builtins that compute their result from their arguments.
_OF_TENSORS: Final = frozenset(
    {"add", "sub", "mul", "div", "matmul", "mm", "bmm", "mv", "dot", "abs", "sum", "float", "max"}
)
# At most so many expressions are followed from a side of a comparison.
_MOST: Final = 300
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_STEERING: Final = (ast.Break, ast.Continue, ast.Return)


def compared_calls(
    calls: Collection[ast.Call], bound: BoundModule, before: BoundBefore
) -> dict[ast.Call, int]:
    """The einsum calls that comparisons of whole tensors test, with the line of a comparison.

    The value of such a call reaches one side, through local names, functions of torch and numpy,
    and the results of functions in the file. The other side must be computed too: a literal
    expected result tests a replacement just as well. A call that reaches both sides is not what
    they compare, and arguments of other functions are inputs of the test.
    """
    origins = _Origins(calls, bound, before)
    found: dict[ast.Call, int] = {}
    comparisons = list(_comparisons(bound))
    scopes = _scopes_of(calls, bound) if comparisons else set()
    for node, sides in comparisons:
        one, other = _unwrapped(sides)
        if bound.scopes[node].outside_comprehensions() not in scopes:
            continue
        left = origins.of(one)
        if not left.calls and not left.is_computed:
            continue
        right = origins.of(other)
        tested = (left.calls - right.calls if right.is_computed else set()) | (
            right.calls - left.calls if left.is_computed else set()
        )
        for call in tested:
            found.setdefault(call, node.lineno)
    return found


def _scopes_of(calls: Collection[ast.Call], bound: BoundModule) -> set[Scope]:
    """The functions that call einsum, directly or through functions of the file."""
    callers: dict[str, list[ast.expr]] = {}
    for call in bound.of_kind(ast.Call):
        if isinstance(call.func, ast.Name) or _is_own(call.func):
            callers.setdefault(last_name(call.func), []).append(call.func)
    stored: dict[Scope, list[str]] = {}
    for attribute in bound.of_kind(ast.Attribute):
        if _is_own(attribute) and isinstance(attribute.ctx, ast.Store):
            stored.setdefault(bound.scopes[attribute], []).append(attribute.attr)
        elif _is_own(attribute):
            callers.setdefault(attribute.attr, []).append(attribute)
    names = {bound.scopes[each.body[0]]: each.name for each in bound.functions()}
    found: set[Scope] = set()
    pending: list[ast.expr] = list(calls)
    while pending:
        scope = bound.scopes[pending.pop()].outside_comprehensions()
        if scope not in found:
            found.add(scope)
            for name in (names.get(scope, ""), *stored.get(scope, ())):
                pending += callers.pop(name, ())
    return found


def _is_own(node: ast.expr) -> bool:
    """`self.name`, be it a value or a method."""
    match node:
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            return True
    return False


@dataclass(slots=True, eq=False)
class _Origin:
    """What a value is computed from: einsum calls, or anything that is not a literal.

    others: the values of its names, which are looked up next.
    """

    calls: set[ast.Call] = field(default_factory=set)
    is_computed: bool = False
    others: list[ast.expr] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class _Origins:
    """The origins of values; every expression of the file is visited once."""

    einsums: Collection[ast.Call]
    bound: BoundModule
    before: BoundBefore
    _own: dict[ast.expr, _Origin] = field(default_factory=dict)
    _results: dict[ast.AST, tuple[ast.expr, ...]] = field(default_factory=dict)
    _held: dict[str, list[ast.expr]] = field(default_factory=dict)

    def of(self, expression: ast.expr) -> _Origin:
        """All origins of an expression, through names too."""
        origin = _Origin()
        pending, seen = [expression], {expression}
        while pending and len(seen) < _MOST:
            own = self._origin(pending.pop())
            origin.calls |= own.calls
            origin.is_computed |= own.is_computed
            new = [each for each in own.others if each not in seen]
            seen.update(new)
            pending += new
        return origin

    def _origin(self, expression: ast.expr) -> _Origin:
        """The origins in the expression itself."""
        if expression not in self._own:
            origin = self._own[expression] = _Origin()
            pending: list[ast.AST] = [expression]
            while pending:
                pending += self._parts(pending.pop(), origin)
        return self._own[expression]

    def _parts(self, node: ast.AST, origin: _Origin) -> Iterable[ast.AST]:
        match node:
            case ast.Name():
                values = list(self.before.values(node))
                origin.is_computed |= not values
                origin.others += values
            case ast.Attribute(value=value, attr=name):
                if _is_own(node) and name not in _FACTS:
                    origin.others += self._attributes().get(name, ())
                return [] if name in _FACTS else [value]
            case ast.Call():
                return self._parts_of_call(node, origin)
            case ast.BinOp(op=ast.MatMult()):
                origin.is_computed = True
                return [node.left, node.right]
            case ast.Constant() | ast.Lambda():
                pass
            case _:
                return ast.iter_child_nodes(node)
        return []

    def _parts_of_call(self, node: ast.Call, origin: _Origin) -> Iterable[ast.AST]:
        if node in self.einsums:
            origin.calls.add(node)
        name = last_name(node.func)
        if name in _FACTS | _LIKE:
            return []
        path = dotted_path(node.func, self.bound.scopes[node])
        is_written = name in (_KEEPING if path is None else _CREATING)
        origin.is_computed |= not is_written
        given: list[ast.expr] = []
        if path is None and isinstance(node.func, ast.Attribute):
            given.append(node.func.value)
        elif isinstance(node.func, ast.Name):
            origin.others += self._results_of(node.func)
        if _is_own(node.func):
            origin.others += self._attributes().get(name, ())
        if (path or "").startswith(_LIBRARIES) or name in _OF_TENSORS:
            given += given_values(node)
        return given

    def _attributes(self) -> dict[str, list[ast.expr]]:
        """What the attributes of `self` hold in the file, and what methods return, by name."""
        if not self._held:
            self._held[""] = []  # indexed, even where nothing is held
            for assignment in self.bound.of_kind(ast.Assign):
                for target in assignment.targets:
                    if isinstance(target, ast.Attribute) and _is_own(target):
                        self._held.setdefault(target.attr, []).append(assignment.value)
            for function in self.bound.of_kind(ast.FunctionDef):
                if isinstance(self.bound.parents[function], ast.ClassDef):
                    self._held.setdefault(function.name, []).extend(_returned(function.body))
        return self._held

    def _results_of(self, name: ast.Name) -> Iterator[ast.expr]:
        """The expressions that functions of this name in the file return."""
        for binding in self.bound.scopes[name].lookup(name.id):
            if isinstance(binding, OpaqueBinding) and isinstance(binding.node, _FUNCTIONS):
                function = binding.node
                if function not in self._results:
                    self._results[function] = tuple(_returned(function.body))
                yield from self._results[function]


def _returned(body: list[ast.stmt]) -> Iterator[ast.expr]:
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value
        elif not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.expr)):
            pending += ast.iter_child_nodes(node)


def _comparisons(bound: BoundModule) -> Iterator[tuple[ast.expr, _Sides]]:
    """The comparisons of whole tensors, with both sides; not those that only end a loop."""
    for call in bound.calls_of({*filter(_NAMES.fullmatch, bound.named(ast.Call))}):
        sides = _sides(call)
        if sides is not None and not _steers(call, bound):
            yield call, sides
    for node in bound.of_kind(ast.Compare):
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq) and _is_of_all(node, bound):
            yield node, (node.left, node.comparators[0])
    for difference in bound.of_kind(ast.BinOp):
        if isinstance(difference.op, ast.Sub) and _is_error(difference, bound):
            yield difference, (difference.left, difference.right)


def _sides(call: ast.Call) -> _Sides | None:
    given = [*call.args, *(each.value for each in call.keywords if each.arg in _KEYWORDS)]
    if isinstance(call.func, ast.Attribute) and len(given) == 1:
        given.insert(0, call.func.value)
    return (given[0], given[1]) if len(given) > 1 else None


def _unwrapped(sides: _Sides) -> _Sides:
    """Both sides without a call of the same function: `to_numpy(x)` and `to_numpy(y)`."""
    match sides:
        case ast.Call(func=one, args=[x], keywords=[]), ast.Call(func=other, args=[y], keywords=[]):
            if last_name(one) and last_name(one) == last_name(other):
                return _unwrapped((x, y))
    return sides


def _is_of_all(node: ast.Compare, bound: BoundModule) -> bool:
    """Whether it is asserted, or reduced over all elements: `(a == b).all()`."""
    current: ast.AST = node
    while not isinstance(parent := bound.parents[current], ast.stmt):
        name = parent.attr if isinstance(parent, ast.Attribute) else ""
        if name in _WHOLE or (isinstance(parent, ast.Call) and last_name(parent.func) in _WHOLE):
            return not _steers(node, bound)
        current = parent
    return isinstance(parent, ast.Assert)


def _is_error(node: ast.BinOp, bound: BoundModule) -> bool:
    """Whether a difference is reduced to one number: its maximum, or an asserted norm."""
    names: set[str] = set()
    current: ast.AST = node
    while True:
        parent = bound.parents[current]
        match parent:
            case ast.Attribute(attr=name) if name in _WAY:
                names.add(name)
            case ast.Call(func=function) if last_name(function) in _WAY:
                names.add(last_name(function))
            case ast.BinOp(op=ast.Pow()):
                names.add("pow")
            case ast.BinOp(op=ast.Div()):
                pass
            case _:
                break
        current = parent
    if not names & _SIZE or _steers(node, bound):
        return False
    return bool(names & _LARGEST) or isinstance(_statement(current, bound), ast.Assert)


def _steers(node: ast.AST, bound: BoundModule) -> bool:
    """Whether it only decides when a loop or a function ends."""
    statement = _statement(node, bound)
    if isinstance(statement, ast.While):
        return True
    return isinstance(statement, ast.If) and isinstance(statement.body[-1], _STEERING)


def _statement(node: ast.AST, bound: BoundModule) -> ast.AST:
    return next(each for each in chain((node,), bound.around(node)) if isinstance(each, ast.stmt))
