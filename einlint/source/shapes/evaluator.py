"""Expressions -> values, and on the way the shapes of einsum's operands."""

import ast
from dataclasses import dataclass, field
from typing import Final

from einlint.algebra.amounts import constant, multiplied
from einlint.algebra.equation import ELLIPSIS, EquationError, parse
from einlint.algebra.shapes import contracted
from einlint.algebra.sizes import Axis, Shape
from einlint.source.binder import BoundModule
from einlint.source.imports import called_api, dotted_path
from einlint.source.literals import literal_string
from einlint.source.shapes.arithmetic import binary
from einlint.source.shapes.joining import cat, stack
from einlint.source.shapes.operations import (
    MAKERS,
    OPERATIONS,
    axis_value,
    conv2d,
    integer,
    is_scalar,
    linear,
    same,
    shape_value,
    size,
)
from einlint.source.shapes.rearranging import rearranged
from einlint.source.shapes.state import State
from einlint.source.shapes.values import (
    Given,
    Instance,
    Items,
    Layer,
    Literal,
    Number,
    Scalar,
    ShapeOf,
    ShapePart,
    Splice,
    Tensor,
    Thing,
    Value,
)

_TORCH: Final = ("torch.", "torch.nn.functional.")
_LAYERS: Final = {"torch.nn.Linear": linear, "torch.nn.Conv2d": conv2d}
_JOINING: Final = {"cat": cat, "concat": cat, "stack": stack}
_SAME_LAYERS: Final = frozenset(
    f"torch.nn.{name}"
    for name in ("Softmax", "Dropout", "LayerNorm", "ReLU", "GELU", "SiLU", "Sigmoid", "Identity")
)


@dataclass(slots=True)
class Evaluator:
    """Evaluates the expressions of one file.

    found: the operands of einsum calls with their shapes; None where two visits disagree.
    """

    bound: BoundModule
    found: dict[ast.expr, Shape | None] = field(default_factory=dict)

    def value(self, node: ast.expr, state: State) -> Value:
        """What an expression stands for; everything in it is evaluated."""
        known = self._value(node, state)
        return state.thing() if known is None else known

    def _value(self, node: ast.expr, state: State) -> Value | None:
        match node:
            case ast.Constant():
                return _constant(node.value)
            case ast.Name(id=name):
                return state.values.get(name)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self._items(node, parts, state)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._negative(self.value(operand, state), state)
            case ast.BinOp():
                left, right = self.value(node.left, state), self.value(node.right, state)
                return binary(node.op, left, right, state)
            case ast.Attribute():
                return self._attribute(node, state)
            case ast.Subscript():
                return self._subscript(node, state)
            case ast.Call():
                return self._call(node, state)
            case ast.NamedExpr(target=ast.Name(id=name)):
                state.values[name] = self.value(node.value, state)
                return state.values[name]
        self._others(node, state)
        return None

    def mapped(self, node: ast.expr, count: int, state: State) -> Value | None:
        """`map(lambda t: ..., xs)` and `(... for t in xs)` that are unpacked at once."""
        match node:
            case ast.Call(func=ast.Name(id="map"), args=[ast.Lambda() as each, items], keywords=[]):
                arguments = each.args
                if self.bound.scopes[node].owner("map") or len(arguments.args) != 1:
                    return None
                return self._for_each(arguments.args[0].arg, each.body, items, count, state)
            case (
                ast.GeneratorExp(elt=body, generators=[one])
                | ast.ListComp(elt=body, generators=[one])
            ):
                if isinstance(one.target, ast.Name) and not one.ifs and not one.is_async:
                    return self._for_each(one.target.id, body, one.iter, count, state)
        return None

    def _for_each(
        self, name: str, body: ast.expr, items: ast.expr, count: int, state: State
    ) -> Value | None:
        value = self.value(items, state)
        parts: list[Value | Splice] = [state.thing() for _ in range(count)]
        if isinstance(value, Items):
            parts = list(value.parts)
        if any(isinstance(part, Splice) for part in parts):
            return None
        outside = state.values
        results: list[Value | Splice] = []
        for part in parts:
            assert not isinstance(part, Splice)
            state.values = {**outside, name: part}
            results.append(self.value(body, state))
        state.values = outside
        names = [each.target.id for each in ast.walk(body) if isinstance(each, ast.NamedExpr)]
        state.forget(names)
        return Items(tuple(results))

    def _others(self, node: ast.expr, state: State) -> None:
        """Expressions that are not understood: what they bind is forgotten."""
        if isinstance(node, (ast.IfExp, ast.BoolOp, ast.Compare, ast.UnaryOp)):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.value(child, state.copy())
        names = [each.target.id for each in ast.walk(node) if isinstance(each, ast.NamedExpr)]
        state.forget(names)

    def _items(self, node: ast.expr, nodes: list[ast.expr], state: State) -> Value | None:
        parts: list[Value | Splice] = []
        for each in nodes:
            if not isinstance(each, ast.Starred):
                parts.append(self.value(each, state))
                continue
            match self.value(each.value, state):
                case ShapeOf(thing=thing):
                    parts.append(Splice(thing))
                case Items(parts=inner):
                    parts += inner
                case _:
                    return None
        return Items(tuple(parts), isinstance(node, ast.List))

    def _negative(self, value: Value, state: State) -> Value | None:
        match value:
            case Number(amount=amount):
                return Number(multiplied(amount, constant(-1)))
            case Scalar() | Tensor():
                return value
        return None

    def _attribute(self, node: ast.Attribute, state: State) -> Value | None:
        owner = self.value(node.value, state)
        if isinstance(owner, Instance):
            return dict(owner.attributes).get(node.attr)
        match node.attr:
            case "shape":
                return shape_value(owner, state)
            case "T" | "mT" if (shape := state.shape(owner)) is not None and len(shape) == 2:
                return Tensor((shape[1], shape[0]))
        return None

    def _subscript(self, node: ast.Subscript, state: State) -> Value | None:
        owner = self.value(node.value, state)
        if isinstance(owner, ShapeOf) and isinstance(node.slice, ast.Slice):
            return self._part(owner, node.slice, state)
        if isinstance(node.slice, ast.Slice):
            return self._indexed(owner, [node.slice], state)
        if isinstance(node.slice, ast.Tuple):
            return self._indexed(owner, node.slice.elts, state)
        match owner, integer(self.value(node.slice, state)):
            case ShapeOf(thing=thing), int(place):
                return axis_value(thing, place, state)
            case Items(parts=parts), int(place):
                if any(isinstance(part, Splice) for part in parts):
                    return None
                part = parts[place] if -len(parts) <= place < len(parts) else None
                return None if isinstance(part, Splice) else part
        return self._indexed(owner, [node.slice], state)

    def _part(self, owner: ShapeOf, node: ast.Slice, state: State) -> Value | None:
        bounds = [
            None if each is None else integer(self.value(each, state))
            for each in (node.lower, node.upper)
        ]
        match node.step, bounds, (node.lower, node.upper):
            case None, [int(start), None], (_, None) if start < 0:
                return ShapePart(owner.thing, start, None)
            case None, [None, int(stop)], (None, _) if stop > 0:
                return ShapePart(owner.thing, None, stop)
        return None

    def _indexed(self, owner: Value, nodes: list[ast.expr], state: State) -> Value | None:
        """A tensor indexed by integers, full slices, None and one ellipsis."""
        shape = state.shape(owner)
        if shape is None:
            for each in nodes:
                if not isinstance(each, ast.Slice):
                    self.value(each, state)
            return None
        kinds = [self._index(each, state) for each in nodes]
        if None in kinds or kinds.count(ELLIPSIS) > 1:
            return None
        taken = sum(kind in {":", "cut", "at"} for kind in kinds)
        if taken > len(shape):
            return None
        if ELLIPSIS not in kinds:
            kinds.append(ELLIPSIS)
        axes: list[Axis] = []
        rest = list(shape)
        for kind in kinds:
            if kind == "new":
                axes.append(Axis(1, state.text, state.row))
            elif kind == ELLIPSIS:
                axes += rest[: len(shape) - taken]
                del rest[: len(shape) - taken]
            else:
                axis = rest.pop(0)
                axes += {":": [axis], "cut": [state.unknown()], "at": []}[kind or ""]
        return Tensor(tuple(axes))

    def _index(self, node: ast.expr, state: State) -> str | None:
        match node:
            case ast.Slice(lower=None, upper=None, step=None):
                return ":"
            case ast.Slice():
                for each in (node.lower, node.upper, node.step):
                    if each is not None:
                        self.value(each, state)
                return "cut"
            case ast.Constant(value=None):
                return "new"
            case ast.Constant() if node.value is ...:
                return ELLIPSIS
        value = self.value(node, state)
        is_integer = isinstance(value, Number) and is_scalar(value, state)
        return "at" if is_integer else None

    def _call(self, node: ast.Call, state: State) -> Value | None:
        path = self._path(node.func, state)
        receiver = None
        if path is None and isinstance(node.func, ast.Attribute):
            receiver = self.value(node.func.value, state)
        elif path is None:
            receiver = self.value(node.func, state)
        api = called_api(node, self.bound)
        if api is not None and not api.is_wrapper:  # a wrapper may return what it likes
            return self._einsum(node, state)
        given = self._given(node, state)
        if given is None:
            return None
        if path is not None:
            return self._function(path, given, state)
        assert receiver is not None
        if isinstance(node.func, ast.Attribute) and not isinstance(receiver, Instance):
            return self._method(node.func.attr, receiver, given, state)
        return self._layer(node, receiver, given, state)

    def _path(self, node: ast.expr, state: State) -> str | None:
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        return dotted_path(node, self.bound.scopes[node]) if isinstance(root, ast.Name) else None

    def _given(self, node: ast.Call, state: State) -> Given | None:
        """The arguments, all evaluated; None where unpacking hides them."""
        values = [self.value(_inner(each), state) for each in node.args]
        named = [(each.arg, self.value(each.value, state)) for each in node.keywords]
        if any(isinstance(each, ast.Starred) for each in node.args):
            return None
        keywords = tuple((name, value) for name, value in named if name is not None)
        return Given(tuple(values), keywords) if len(keywords) == len(named) else None

    def _function(self, path: str, given: Given, state: State) -> Value | None:
        if path in {"einops.rearrange", "einops.repeat"} and given.positional:
            return rearranged(given, state)
        if path == "einops.reduce" and len(given.positional) == 3:
            return rearranged(given, state)
        if path == "torch.nn.Parameter" and given.positional:
            value = given.positional[0]
            return value if isinstance(value, Tensor) else None
        if path in _LAYERS or path in _SAME_LAYERS:
            return Layer(path, given)
        name = path.rpartition(".")[2]
        if path not in {f"{root}{name}" for root in _TORCH}:
            return None
        if name in MAKERS:
            return MAKERS[name](given, state)
        operation = OPERATIONS.get(name) or _JOINING.get(name)
        if operation is None or not given.positional or "out" in dict(given.keywords):
            return None
        return operation(given, state)

    def _method(self, name: str, receiver: Value, given: Given, state: State) -> Value | None:
        """A method; unknown objects have methods with torch's names too, which are others."""
        if name == "size":
            return size(Given((receiver, *given.positional), given.keywords), state)
        operation = OPERATIONS.get(name)
        is_tensor = isinstance(receiver, Tensor) or (
            isinstance(receiver, Thing)
            and (receiver.is_tensor or receiver.shape_identity in state.shapes)
        )
        if operation is None or not is_tensor or name.endswith("_like"):
            return None
        return operation(Given((receiver, *given.positional), given.keywords), state)

    def _layer(self, node: ast.Call, receiver: Value, given: Given, state: State) -> Value | None:
        if isinstance(receiver, Instance) and isinstance(node.func, ast.Attribute):
            layer = dict(receiver.attributes).get(node.func.attr)
        else:
            layer = receiver
        if not isinstance(layer, Layer) or len(given.positional) != 1 or given.keywords:
            return None
        if layer.path in _SAME_LAYERS:
            return same(given, state) if layer.path != "torch.nn.Identity" else given.positional[0]
        features = layer.given.get(1, "out_features", "out_channels")
        if features is None:
            return None
        return _LAYERS[layer.path](Given((given.positional[0], features)), state)

    def _einsum(self, node: ast.Call, state: State) -> Value | None:
        """Note the operands; the output's sizes follow if the equation is literal."""
        nodes = [_inner(each) for each in node.args]
        match node.args[1:]:
            case [ast.List(elts=parts) | ast.Tuple(elts=parts)]:
                nodes = [nodes[0], *map(_inner, parts)]
        values = [self.value(each, state) for each in nodes]
        for keyword in node.keywords:
            self.value(keyword.value, state)
        for each, value in zip(nodes, values, strict=True):
            self._note(each, state.shape(value))
        text = literal_string(nodes[0], self.bound.scopes[node]) if nodes else None
        try:
            equation = parse(text or "")
        except EquationError:
            return None
        if text is None or len(equation.inputs) != len(nodes) - 1 or node.keywords:
            return None
        for value, term in zip(values[1:], equation.inputs, strict=True):
            if isinstance(value, Thing) and ELLIPSIS not in term:
                state.ranked(value, len(term))
        shapes = [state.shape(value) for value in values[1:]]
        result = contracted(equation, shapes, state.unknown)
        return None if result is None else Tensor(result)

    def _note(self, node: ast.expr, shape: Shape | None) -> None:
        known = self.found.get(node, shape)
        self.found[node] = shape if known == shape else None


def _constant(value: object) -> Value:
    if isinstance(value, int) and not isinstance(value, bool):
        return Number(constant(value))
    return Scalar() if isinstance(value, float) else Literal(value)


def _inner(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node
