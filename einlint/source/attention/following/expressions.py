"""The expressions of a function, and what names and attributes stand for where they are."""

import ast
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Final

from einlint.source.attention.following import calls
from einlint.source.attention.following.forms import Forms, Product
from einlint.source.attention.following.known import Known
from einlint.source.attention.following.values import (
    BEFORE_LAST,
    HELD,
    LAST,
    NOTHING,
    Trace,
    Value,
    computed,
    joined,
    without_others,
)
from einlint.source.binder import Function
from einlint.source.names import last_name

_LEARNED: Final = re.compile(
    r"^w\d?$|^w_(?![qkv]s?$)|_w$|weight|gate|expert|codebook|prototype|centroid|centers?$|one_?hot",
    re.IGNORECASE,
)
_CACHE: Final = re.compile(r"cache|past_|memory|mem_", re.IGNORECASE)
_ADDING: Final = frozenset({"append", "extend", "insert", "add", "update", "setdefault", "put"})
_NONE_OF_IT: Final = frozenset(
    {"shape", "dtype", "device", "ndim", "requires_grad", "is_cuda", "training", "grad"}
)


@dataclass(frozen=True, slots=True)
class Followed:
    """Weights that reach a product with something else. root: the function that was read."""

    trace: Trace
    product: ast.expr
    root: Function


@dataclass(slots=True)
class Expressions(ABC):
    """Reads the expressions of one file.

    names: what names and, as `self.name`, attributes stand for where it is.
    changes: what was bound since the branch began, by its value before.
    """

    forms: Forms
    known: Known
    found: list[Followed] = field(default_factory=list)
    lines: int = 0
    _names: dict[str, Value] = field(default_factory=dict)
    _local: dict[str, Function] = field(default_factory=dict)
    _changes: list[dict[str, Value | None]] = field(default_factory=list)
    _returned: list[Value] = field(default_factory=list)
    entered: list[Function] = field(default_factory=list)
    _in_loop: int = 0

    def _set(self, name: str, value: Value) -> None:
        if self._changes:
            self._changes[-1].setdefault(name, self._names.get(name))
        self._names[name] = value

    def _bind(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                self._set(name, value)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                traces = (
                    each.past(target, f"keeps the {{}} in `self.{name}`") for each in value.traces
                )
                self._set(f"self.{name}", replace(value, traces=tuple(traces)))
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                parts = value.parts
                is_one = parts is not None and len(parts) == len(targets)
                is_one = is_one and not any(isinstance(each, ast.Starred) for each in targets)
                for at, each in enumerate(targets):
                    self._bind(each, parts[at] if is_one and parts is not None else _item(value))
            case ast.Starred(value=inner):
                self._bind(inner, value)
            case ast.Subscript(value=owner):
                self._read(target.slice)
                self._add(owner, value, target)

    def _add(self, owner: ast.expr, value: Value, node: ast.expr) -> None:
        """A list, a dict or a tensor has something more in it."""
        traces = [each.past(node, "puts the {} into something else") for each in value.traces]
        name = name_of(owner)
        if name:
            before = self._names.get(name, NOTHING)
            self._set(name, joined((computed((before,)), Value(tuple(traces)))))

    # ---- expressions

    def _read(self, node: ast.expr) -> Value:
        match node:
            case ast.Name(id=name):
                return self._names.get(name, NOTHING)
            case ast.Constant():
                return NOTHING
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.BinOp(op=ast.MatMult()):
                product = self.forms.product(node)
                assert product is not None
                return self._product(node, product)
            case ast.BinOp(left=left, right=right, op=op):
                found = computed((self._read(left), self._read(right)))
                if isinstance(op, ast.Mult) and any(map(calls.is_spread, (left, right))):
                    return Value(tuple(each for each in found.traces if each.softmax is None))
                return found if isinstance(op, ast.Div) else without_others(found)
            case ast.UnaryOp(operand=operand):
                return computed((self._read(operand),))
            case ast.Subscript(value=owner, slice=index):
                return self._subscript(self._read(owner), index)
        return self._gathered(node)

    def _gathered(self, node: ast.expr) -> Value:
        """One of several, or all of them."""
        match node:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                values = tuple(map(self._read, parts))
                return replace(joined(values), parts=values)
            case ast.IfExp(test=test, body=body, orelse=other):
                self._read(test)
                return joined((self._read(body), self._read(other)))
            case ast.BoolOp(values=values):
                return joined(map(self._read, values))
            case ast.NamedExpr(target=target, value=value):
                found = self._read(value)
                self._bind(target, found)
                return found
            case (
                ast.Starred(value=ast.expr() as value)
                | ast.Await(value=ast.expr() as value)
                | ast.Yield(value=ast.expr() as value)
                | ast.YieldFrom(value=ast.expr() as value)
            ):
                return self._read(value)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Dict(values=values):
                return computed(map(self._read, values))
            case ast.Compare(left=left, comparators=others):
                for each in (left, *others):
                    self._read(each)
        return NOTHING

    def _each(self, target: ast.expr, values: ast.expr) -> None:
        """A target stands for one after another of some values."""
        match target, values:
            case (
                ast.Tuple(elts=[place, inner]),
                ast.Call(func=ast.Name(id="enumerate"), args=[given, *_]),
            ):
                self._bind(place, NOTHING)
                self._each(inner, given)
            case (
                ast.Tuple(elts=targets) | ast.List(elts=targets),
                ast.Call(func=ast.Name(id="zip"), args=many),
            ) if len(targets) == len(many):
                for one, given in zip(targets, many, strict=True):
                    self._each(one, given)
            case _:
                self._bind(target, _item(self._read(values)))

    def _comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp
    ) -> Value:
        for each in node.generators:
            self._each(each.target, each.iter)
            for test in each.ifs:
                self._read(test)
        found = self._read(node.value if isinstance(node, ast.DictComp) else node.elt)
        traces = (each.past(node, "computes the {} in a comprehension") for each in found.traces)
        return Value(tuple(traces), found.is_held)

    def _attribute(self, node: ast.Attribute) -> Value:
        name = name_of(node)
        if name in self._names:
            return self._names[name]
        if node.attr in _NONE_OF_IT:
            return NOTHING
        if name.startswith("self."):
            is_held = not _CACHE.search(node.attr) and not self.known.is_set_later(node.attr)
            return HELD if is_held else NOTHING
        owner = self._read(node.value)
        if node.attr in ("T", "mT", "H"):
            traces = (each.exchanged(LAST, BEFORE_LAST) for each in owner.traces)
            return Value(tuple(traces), owner.is_held)
        if node.attr == "weight":
            return HELD
        return Value(owner.traces)

    def _subscript(self, owner: Value, index: ast.expr) -> Value:
        self._read(index)
        match index:
            case ast.Constant(value=int() as place):
                parts = owner.parts
                if parts is not None and -len(parts) <= place < len(parts):
                    return parts[place]
        return Value(tuple(each.reshaped() for each in owner.traces), owner.is_held)

    def _call(self, node: ast.Call) -> Value:
        product = self.forms.product(node)
        if product is not None and self.known.function(node.func, self.entered) is None:
            return self._product(node, product)
        softmax = self.forms.softmax(node)
        if softmax is not None:
            self._rest(node, softmax.operand)
            return calls.of_softmax(node, softmax, self._read(softmax.operand))
        receiver, owner = NOTHING, node.func
        if isinstance(owner, ast.Attribute):
            is_self = name_of(owner).startswith("self.")
            receiver = NOTHING if is_self else self._read(owner.value)
        elif not isinstance(owner, ast.Name):
            receiver = self._read(owner)
        given = [self._read(each) for each in node.args]
        named = {each.arg: self._read(each.value) for each in node.keywords}
        read = self._followed(node, given, named)
        if read is not None:
            return read
        if isinstance(owner, ast.Attribute) and owner.attr in _ADDING:
            self._add(owner.value, joined((*given, *named.values())), node)
        is_own = isinstance(owner, ast.Attribute) and name_of(owner).startswith("self.")
        value = calls.of_call(node, receiver, (*given, *named.values()), is_own=is_own)
        if isinstance(owner, ast.Attribute) and owner.attr.endswith("_") and value.traces:
            changed = name_of(owner.value)
            if changed:
                self._set(changed, value)
        return value

    def _rest(self, node: ast.Call, operand: ast.expr) -> None:
        for each in node.args:
            if each is not operand:
                self._read(each)

    def _product(self, node: ast.expr, product: Product) -> Value:
        one, other = (self._read(each) for each in product.operands)
        for place, (value, rest) in enumerate(((one, other), (other, one))):
            if value.weights and not rest.weights and not rest.is_held:
                operand = product.operands[1 - place]
                if _is_learned(operand):
                    continue
                for each in value.weights:
                    trace = calls.summed(node, product, place, each)
                    if trace is not None:
                        self.found.append(Followed(trace, node, self.entered[0]))
        if any(map(_is_learned, product.operands)):
            traces = (*one.traces, *other.traces)
            return Value(tuple(each.reshaped() for each in traces if each.softmax is None))
        return calls.of_product(node, product, one, other)

    @abstractmethod
    def _followed(
        self, node: ast.Call, given: list[Value], named: dict[str | None, Value]
    ) -> Value | None:
        """What a function of the file makes of what it is given; None if it is not read."""


def _item(value: Value) -> Value:
    if value.parts is not None:
        return joined(value.parts)
    return Value(value.traces, value.is_held)


def name_of(node: ast.expr) -> str:
    """`x`, or `self.x`; empty for all else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
            return f"self.{name}"
    return ""


def _is_learned(node: ast.expr) -> bool:
    """Whether an operand is called what matrices of a gate, or of a clustering, are called."""
    while True:
        match node:
            case ast.Call(func=ast.Attribute(value=inner, attr=name)) if calls.is_view(name):
                node = inner
            case ast.Subscript(value=inner) | ast.Attribute(value=inner, attr="T" | "mT"):
                node = inner
            case _:
                break
    return _LEARNED.search(last_name(node)) is not None
