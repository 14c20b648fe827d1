"""Expressions -> values, and on the way the shapes of einsum's operands."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from einlint.algebra.amounts import constant, multiplied
from einlint.algebra.equation import ELLIPSIS, EquationError, parse
from einlint.algebra.shapes import contracted
from einlint.algebra.sizes import Shape
from einlint.source.apis import Api
from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.literals import literal_string
from einlint.source.shapes.arithmetic import binary, combined
from einlint.source.shapes.calling import function_value, method_value
from einlint.source.shapes.helpers import argument_values, helper_of
from einlint.source.shapes.indexing import indexed
from einlint.source.shapes.layers import applied
from einlint.source.shapes.sizing import axis_value, integer, shape_value
from einlint.source.shapes.state import State
from einlint.source.shapes.units import unit_axes
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

_DEEPEST: Final = 3
_LAST_TWO: Final = Given((Number(constant(-2)), Number(constant(-1))))


@dataclass(slots=True)
class Evaluator:
    """Evaluates the expressions of one file.

    apis: the calls of einsum and what they call.
    found: the operands of einsum calls with their shapes; None where two visits disagree.
    depth: of the helper function whose body is evaluated for one of its calls; 0 for none.
    fixed: whether what nn.Sequential was made with is what it holds.
    """

    bound: BoundModule
    apis: Mapping[ast.Call, Api]
    found: dict[ast.expr, Shape | None] = field(default_factory=dict)
    depth: int = 0
    fixed: bool = True

    def value(self, node: ast.expr, state: State) -> Value:
        """What an expression stands for; everything in it is evaluated."""
        known = self._value(node, state)
        return state.thing() if known is None else known

    def _value(self, node: ast.expr, state: State) -> Value | None:
        match node:
            case ast.Constant():
                return _constant(node.value)
            case ast.Name(id=name):
                return None if self._is_bound_unseen(node) else state.values.get(name)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self._items(node, parts, state)
            case ast.Attribute():
                return self._attribute(node, state)
            case ast.Subscript():
                return self._subscript(node, state)
            case ast.Call():
                return self._call(node, state)
            case ast.NamedExpr():
                return self.value(node.value, state)
        return self._operator(node, state)

    def _operator(self, node: ast.expr, state: State) -> Value | None:
        match node:
            case ast.UnaryOp(op=ast.USub() | ast.Invert() as operator, operand=operand):
                return self._negative(operator, self.value(operand, state), state)
            case ast.BinOp():
                left, right = self.value(node.left, state), self.value(node.right, state)
                return binary(node.op, left, right, state)
            case ast.Compare(ops=[comparison], comparators=[other]):
                left, right = self.value(node.left, state), self.value(other, state)
                is_whole = isinstance(comparison, (ast.Is, ast.IsNot, ast.In, ast.NotIn))
                return None if is_whole else combined(left, right, state)
            case ast.IfExp():
                return self._if(node, state)
        return self._others(node, state)

    def _is_bound_unseen(self, node: ast.Name) -> bool:
        """Whether another scope or a walrus binds the name, in the midst of anything."""
        owner = self.bound.scopes[node].owner(node.id)
        return owner is not None and node.id in owner.shared | owner.walruses

    def helper(self, function: ast.expr, given: Given, state: State) -> Value | None:
        """The value of a function of the file that is one expression."""
        helper = helper_of(function, self.bound) if self.depth < _DEEPEST else None
        values = None if helper is None else argument_values(helper.arguments, given, state)
        if helper is None or values is None:
            return None
        outside, state.values = state.values, values
        self.depth += 1
        result = self.value(helper.body, state)
        self.depth -= 1
        state.values = outside
        return result

    def _if(self, node: ast.IfExp, state: State) -> Value | None:
        self.value(node.test, state)
        one, other = state.copy(), state.copy()
        mine, its = self.value(node.body, one), self.value(node.orelse, other)
        return mine if mine == its else one.either(mine, its, other)

    def _others(self, node: ast.expr, state: State) -> Value | None:
        """Expressions that are not understood."""
        if isinstance(node, (ast.BoolOp, ast.Compare, ast.UnaryOp)):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.value(child, state.copy())
        return None

    def _items(self, node: ast.expr, nodes: list[ast.expr], state: State) -> Value | None:
        parts: list[Value | Splice] = []
        at_most = False
        for each in nodes:
            if at_most:
                return None
            if not isinstance(each, ast.Starred):
                parts.append(self.value(each, state))
                continue
            match self.value(each.value, state):
                case ShapeOf(thing=thing):
                    parts.append(Splice(thing))
                case ShapePart(thing=thing) as part:
                    parts.append(Splice(thing, part))
                case Items(parts=inner, at_most=at_most):
                    parts += inner
                case _:
                    return None
        return Items(tuple(parts), isinstance(node, ast.List), at_most)

    def _negative(self, operator: ast.unaryop, value: Value, state: State) -> Value | None:
        match value:
            case Number(amount=amount) if isinstance(operator, ast.USub):
                return Number(multiplied(amount, constant(-1)))
            case Scalar():
                return value
            case Tensor() | Thing():
                return method_value("neg", value, Given(()), state)
        return None

    def _attribute(self, node: ast.Attribute, state: State) -> Value | None:
        owner = self.value(node.value, state)
        if isinstance(owner, Instance):
            return dict(owner.attributes).get(node.attr)
        match node.attr:
            case "shape":
                return shape_value(owner, state)
            case "T":
                return method_value("t", owner, Given(()), state)
            case "mT":
                return method_value("transpose", owner, _LAST_TWO, state)
        return None

    def _subscript(self, node: ast.Subscript, state: State) -> Value | None:
        owner = self.value(node.value, state)
        if isinstance(owner, ShapeOf) and isinstance(node.slice, ast.Slice):
            return self._part(owner, node.slice, state)
        if isinstance(node.slice, ast.Slice):
            return indexed(self.value, owner, [node.slice], state)
        if isinstance(node.slice, ast.Tuple):
            return indexed(self.value, owner, node.slice.elts, state)
        match owner, integer(self.value(node.slice, state)):
            case ShapeOf(thing=thing), int(place):
                return axis_value(thing, place, state)
            case Items(parts=parts, at_most=at_most), int(place):
                if any(isinstance(part, Splice) for part in parts) or (at_most and place < 0):
                    return None
                part = parts[place] if -len(parts) <= place < len(parts) else None
                return None if isinstance(part, Splice) else part
        return indexed(self.value, owner, [node.slice], state)

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

    def _call(self, node: ast.Call, state: State) -> Value | None:
        path = self.path(node.func)
        receiver = None
        if path is None and isinstance(node.func, ast.Attribute):
            receiver = self.value(node.func.value, state)
        elif path is None:
            receiver = self.value(node.func, state)
        api = self.apis.get(node)
        if api is not None and not api.is_wrapper:  # a wrapper may return what it likes
            return self._einsum(node, state)
        given = self.given(node, state)
        if given is None:
            return None
        if path is not None:
            return function_value(path, given, state)
        assert receiver is not None
        if isinstance(node.func, ast.Attribute) and not isinstance(receiver, Instance):
            return method_value(node.func.attr, receiver, given, state)
        return self._layer(node, receiver, given, state)

    def path(self, node: ast.expr) -> str | None:
        """The dotted name of a function of another module."""
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        return dotted_path(node, self.bound.scopes[node]) if isinstance(root, ast.Name) else None

    def given(self, node: ast.Call, state: State) -> Given | None:
        """The arguments, all evaluated; None where unpacking hides them."""
        values = [self.value(_inner(each), state) for each in node.args]
        named = [(each.arg, self.value(each.value, state)) for each in node.keywords]
        if any(isinstance(each, ast.Starred) for each in node.args):
            return None
        keywords = tuple((name, value) for name, value in named if name is not None)
        return Given(tuple(values), keywords) if len(keywords) == len(named) else None

    def _layer(self, node: ast.Call, receiver: Value, given: Given, state: State) -> Value | None:
        if isinstance(receiver, Instance) and isinstance(node.func, ast.Attribute):
            layer = dict(receiver.attributes).get(node.func.attr)
        else:
            layer = receiver
        if isinstance(node.func, ast.Name) and not isinstance(layer, Layer):
            return self.helper(node.func, given, state)
        if not isinstance(layer, Layer) or len(given.positional) != 1 or given.keywords:
            return None
        return applied(layer, given.positional[0], state) if self.is_fixed(layer) else None

    def is_fixed(self, layer: Layer) -> bool:
        """Whether nobody has changed a module after it was made."""
        return self.fixed or layer.path != "torch.nn.Sequential"

    def _einsum(self, node: ast.Call, state: State) -> Value | None:
        """Note the operands; the output's sizes follow if the equation is literal."""
        given = node.args
        match node.args[1:]:
            case [ast.List(elts=parts) | ast.Tuple(elts=parts)]:
                given = [given[0], *parts]
        nodes = [_inner(each) for each in given]
        values = [self.value(each, state) for each in nodes]
        for keyword in node.keywords:
            self.value(keyword.value, state)
        shapes = [state.shape(value) for value in values]
        result = self._contracted(node, nodes, values, state, is_open=nodes != given)
        for each, value, shape in zip(nodes, values, shapes, strict=True):
            self._note(each, unit_axes(state.shape(value)) if shape is None else shape)
        return result

    def _contracted(
        self,
        node: ast.Call,
        nodes: list[ast.expr],
        values: list[Value],
        state: State,
        *,
        is_open: bool,
    ) -> Value | None:
        """The result, if the equation is literal; from here on its terms tell ranks."""
        text = literal_string(nodes[0], self.bound.scopes[node]) if nodes else None
        try:
            equation = parse(text or "")
        except EquationError:
            return None
        if text is None or len(equation.inputs) != len(nodes) - 1 or is_open or node.keywords:
            return None
        for value, term in zip(values[1:], equation.inputs, strict=True):
            if isinstance(value, Thing) and ELLIPSIS not in term:
                state.ranked(value, len(term))
        shapes = [state.shape(value) for value in values[1:]]
        result = contracted(equation, shapes, state.unknown)
        return None if result is None else Tensor(result)

    def _note(self, node: ast.expr, shape: Shape | None) -> None:
        if self.depth:
            return
        known = self.found.get(node, shape)
        self.found[node] = shape if known == shape else None


def _constant(value: object) -> Value:
    if isinstance(value, int) and not isinstance(value, bool):
        return Number(constant(value))
    return Scalar() if isinstance(value, float) else Literal(value)


def _inner(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node
