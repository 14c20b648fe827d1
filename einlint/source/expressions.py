"""Expressions -> terms."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from einlint.algebra.einops_pattern import pattern_of
from einlint.algebra.equation import ELLIPSIS, Equation, EquationError, parse
from einlint.source.apis import Api
from einlint.source.binder import BoundModule
from einlint.source.budget import Budget
from einlint.source.equations import Equations, agreed
from einlint.source.fused_product import fused_product, is_fused_product
from einlint.source.helpers import argument_terms, helper_of
from einlint.source.imports import dotted_path
from einlint.source.keyword_order import in_order
from einlint.source.knowledge import HasRank, HasShape, Knowledge
from einlint.source.layers import LAYERS, is_layer
from einlint.source.operators import HELD, IN_PLACE, operator_of
from einlint.source.scopes import Scope
from einlint.source.terms import (
    APPLY,
    ATTRIBUTE,
    CALL,
    CHOICE,
    INSTANCE,
    ITEM,
    LAYER,
    OPAQUE,
    PATH,
    PRODUCT,
    SHAPE,
    SIZE,
    SLICE,
    STARRED,
    TUPLE,
    Term,
    constant,
    free,
)
from einlint.source.torch_only import is_torchs

_DEEPEST_HELPER: Final = 3
# Helpers that call helpers multiply; no file that people wrote needs as many.
_MOST_NESTED: Final = 200
OPERATORS: Final[dict[type[ast.AST], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.FloorDiv: "floor_divide",
    ast.USub: "neg",
    ast.Invert: "bitwise_not",
}
# `@`: what it means for vectors, the ranks tell.
MATMUL: Final = parse("...ij,...jk->...ik")
_PRODUCTS: Final = {"matmul": MATMUL, "bmm": parse("bij,bjk->bik")}


@dataclass(slots=True, eq=False)
class State:
    """What holds at one place of a function; a branch goes on with a copy.

    names: what each name stands for.
    knowledge: the facts so far.
    changed: the names that have been bound since the state was copied.
    """

    names: dict[str, Term] = field(default_factory=dict)
    knowledge: Knowledge = field(default_factory=Knowledge)
    line: int = 0
    changed: set[str] = field(default_factory=set)

    def copy(self) -> "State":
        """One that can go its own way."""
        return State(dict(self.names), self.knowledge, self.line)

    def aside(self) -> "State":
        """One to read an expression with that may not be evaluated: it tells nothing."""
        return State(self.names, self.knowledge, self.line)

    def bind(self, name: str, term: Term) -> None:
        """Let a name stand for a term."""
        self.names[name] = term
        self.changed.add(name)

    def learn_rank(self, term: Term, rank: int, names: tuple[str, ...] = ()) -> None:
        """Note that the code would raise if the term had another number of axes."""
        self.knowledge = self.knowledge.with_fact(HasRank(term, rank, names, self.line))

    def forget(self, names: set[str]) -> None:
        """Let names stand for something new."""
        for name in names:
            self.bind(name, free(name, self.line))


class Operands(NamedTuple):
    """The operands of one visit to a call, what it makes, and what is known where it stands.

    behind: what is known if the call does not raise: the equation tells the ranks.
    """

    nodes: tuple[ast.expr, ...]
    terms: tuple[Term, ...]
    result: Term
    knowledge: Knowledge
    behind: Knowledge


@dataclass(slots=True, eq=False)
class Expressions:
    """Reads the expressions of one file.

    apis: the calls of einsum and what they call.
    visits: every visit to each of these calls; the body of a lambda may be read more than once.
    """

    bound: BoundModule
    apis: Mapping[ast.Call, Api]
    visits: dict[ast.Call, list[Operands]] = field(default_factory=dict)
    equations: Equations = field(init=False)
    budget: Budget = field(default_factory=Budget)
    _helpers: int = 0
    _roots: dict[tuple[Scope, str], str | None] = field(default_factory=dict)
    _nested: int = 0

    def __post_init__(self) -> None:
        self.equations = Equations(self.bound)

    def read(self, node: ast.expr, state: State) -> Term:
        """The term of an expression; facts that its evaluation tells go to `state`."""
        self.budget.helped += self._helpers > 0
        match node:
            case ast.Constant(value=value):
                return constant(value, state.line)
            case ast.Name():
                return self._name(node, state)
            case ast.Attribute():
                return self._attribute(node, state)
            case ast.Subscript():
                return self._subscript(node, state)
            case ast.Call():
                return self._call(node, state)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                terms = tuple(self.read(each, state) for each in parts)
                return Term(TUPLE, terms, detail=isinstance(node, ast.List), line=state.line)
            case ast.Starred(value=value):
                return Term(STARRED, (self.read(value, state),), line=state.line)
            case ast.NamedExpr(value=value):
                return self.read(value, state)
        return self._operator(node, state)

    def _operator(self, node: ast.expr, state: State) -> Term:
        match node:
            case ast.BinOp(op=ast.MatMult()):
                sides = self.read(node.left, state), self.read(node.right, state)
                return Term(PRODUCT, sides, detail=MATMUL, line=state.line)
            case ast.BinOp(op=operator) if type(operator) in OPERATORS:
                sides = self.read(node.left, state), self.read(node.right, state)
                return Term(OPERATORS[type(operator)], sides, line=state.line)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return constant(-number, state.line)
            case ast.UnaryOp(op=ast.USub() | ast.Invert() as unary, operand=operand):
                inner = (self.read(operand, state),)
                return Term(OPERATORS[type(unary)], inner, is_method=True, line=state.line)
            case ast.IfExp():
                test = self.read(node.test, state)
                body, other = (self.read(each, state.aside()) for each in (node.body, node.orelse))
                return Term(CHOICE, (test, body, other), line=state.line)
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp() | ast.BinOp():
                # What stands behind `and` may not be evaluated, so it tells nothing.
                parts = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
                terms = tuple(self.read(each, state.aside()) for each in parts)
                return Term(OPAQUE, terms, line=state.line)
        return Term(OPAQUE, mentioned(node, state), line=state.line)

    def _name(self, node: ast.Name, state: State) -> Term:
        owner = self.bound.scopes[node].owner(node.id)
        # Another scope, or a walrus in the midst of an expression, may bind it at any time.
        if owner is not None and (node.id in owner.shared or node.id in owner.walruses):
            return free(node.id, state.line)
        path = None if node.id in state.names else self.path(node)
        if path is not None:
            return Term(PATH, detail=path, line=state.line)
        return state.names.get(node.id) or free(node.id, state.line)

    def _attribute(self, node: ast.Attribute, state: State) -> Term:
        path = self.path(node)
        if path is not None:
            return Term(PATH, detail=path, line=state.line)
        owner = self.read(node.value, state)
        match node.attr:
            case "shape":
                return self._shape(owner, state)
            case "T":
                return Term("t", (owner,), is_method=True, line=state.line)
            case "mT":
                last = constant(-2), constant(-1)
                return Term("transpose", (owner, *last), is_method=True, line=state.line)
        is_held = owner.operator == LAYER and owner.detail in LAYERS
        # What a local name stands for may have been given another weight, by any name.
        if is_held and node.attr in {"weight", "bias"} and isinstance(node.value, ast.Attribute):
            return Term(HELD, (owner,), detail=node.attr, line=state.line)
        known = owner.detail.get(node.attr) if isinstance(owner.detail, dict) else None
        return known or Term(ATTRIBUTE, (owner,), detail=node.attr, line=state.line)

    def _shape(self, owner: Term, state: State) -> Term:
        state.knowledge = state.knowledge.with_fact(HasShape(owner))
        return Term(SHAPE, (owner,), line=state.line)

    def _subscript(self, node: ast.Subscript, state: State) -> Term:
        owner = self.read(node.value, state)
        nodes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not nodes:  # `x[()]`: a tensor as it is, what a file holds, or one number
            return Term(OPAQUE, (owner,), line=state.line)
        indices = tuple(self._index(each, state) for each in nodes)
        place = indices[0].integer if len(indices) == 1 else None
        if place is not None:
            return item(owner, place, state.line)
        return Term(ITEM, (owner, *indices), line=state.line)

    def _index(self, node: ast.expr, state: State) -> Term:
        if not isinstance(node, ast.Slice):
            return self.read(node, state)
        given = [node.lower, node.upper, node.step] if node.step else [node.lower, node.upper]
        if not any(given):
            return Term(SLICE, detail=True, line=state.line)
        bounds = tuple(self.read(each, state) if each else constant(None) for each in given)
        return Term(SLICE, bounds, detail=False, line=state.line)

    def _call(self, node: ast.Call, state: State) -> Term:
        path = self.path(node.func)
        callee = None
        if path is None and not isinstance(node.func, ast.Attribute):
            callee = self.read(node.func, state)
        receiver = None
        if path is None and isinstance(node.func, ast.Attribute):
            receiver = self.read(node.func.value, state)
        api = self.apis.get(node)
        if api is not None and not api.is_wrapper:  # a wrapper may return what it likes
            return self._einsum(node, state)
        args = tuple(self.read(each, state) for each in node.args)
        pairs = [(each.arg, self.read(each.value, state)) for each in node.keywords]
        names = tuple(name for name, _ in pairs if name is not None)
        args += tuple(term for _, term in pairs)
        if len(names) < len(pairs) or any(each.operator == STARRED for each in args):
            operands = args if receiver is None else (receiver, *args)
            return Term(CALL, operands, detail=path, line=state.line)
        given = Term(CALL, args, names, path, line=state.line)
        if receiver is not None and isinstance(node.func, ast.Attribute):
            return self._method(node.func.attr, receiver, given, state)
        return self.applied(node.func, path, callee, given, state)

    def path(self, node: ast.expr) -> str | None:
        """The dotted name of what another module holds."""
        attributes: list[str] = []
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            attributes.append(root.attr)
            root = root.value
        if not isinstance(root, ast.Name):
            return None
        # What a name stands for among imports is one thing in a whole scope.
        key = (self.bound.scopes[root], root.id)
        if key not in self._roots:
            self._roots[key] = dotted_path(root, key[0])
        known = self._roots[key]
        return None if known is None else ".".join([known, *reversed(attributes)])

    def applied(
        self, function: ast.expr, path: str | None, callee: Term | None, given: Term, state: State
    ) -> Term:
        """A call of a function of another module, of one of this file, or of a layer."""
        if path is not None and is_layer(path):
            return given.call_of(LAYER, detail=path)
        operator = None if path is None else operator_of(path)
        if operator is not None and path is not None:
            # The functions of `math` are one operator.
            detail = path.rpartition(".")[2] if operator == "math" else None
            return self._operation(given.call_of(operator, detail=detail), state)
        if callee is not None and callee.operator == LAYER and given.operands:
            return given.call_of(APPLY, callee)
        helped = None if path is not None else self._helped(function, given, state)
        return helped or given

    def _method(self, name: str, receiver: Term, given: Term, state: State) -> Term:
        if name == "size" and not given.names:
            shape = self._shape(receiver, state)
            places = [each.integer for each in given.operands]
            if not places:
                return shape
            if len(places) == 1 and places[0] is not None:
                return Term(SIZE, shape.operands, detail=places[0], line=state.line)
        if receiver.operator == INSTANCE and isinstance(receiver.detail, dict):
            layer = receiver.detail.get(name)
            if layer is not None and layer.operator == LAYER and given.operands:
                return given.call_of(APPLY, layer)
            return given.call_of(CALL, receiver, detail=name)
        operator = operator_of(f"torch.Tensor.{name}")
        if operator is None:
            return given.call_of(CALL, receiver, detail=name, is_method=True)
        detail = name if operator == IN_PLACE else None
        is_sure = name not in self.bound.all_scopes[0].methods and is_torchs(name, receiver, given)
        term = given.call_of(operator, receiver, detail=detail, is_method=not is_sure)
        return self._operation(term, state)

    def _operation(self, term: Term, state: State) -> Term:
        """A call of an operator; what it would raise for otherwise is learned."""
        term = in_order(term)
        first = term.operands[0] if term.operands else None
        if term.operator in _PRODUCTS and len(term.positional) == 2:
            return Term(PRODUCT, term.positional, detail=_PRODUCTS[term.operator], line=term.line)
        if term.operator == "baddbmm" and is_fused_product(term):
            return fused_product(term, _PRODUCTS["bmm"])
        if term.operator == "permute" and first is not None and not term.names:
            axes = term.operands[1:]
            if len(axes) == 1 and axes[0].operator == TUPLE:
                axes = axes[0].operands
            if axes and all(each.integer is not None for each in axes):
                state.learn_rank(first, len(axes))
        if term.operator == "rearrange" and first is not None and len(term.positional) > 1:
            text = term.operands[1].detail
            pattern = pattern_of(text) if isinstance(text, str) else None
            if pattern is not None and not any(ELLIPSIS in each for each in pattern.left):
                state.learn_rank(first, len(pattern.left))
        return term

    def _helped(self, function: ast.expr, given: Term, state: State) -> Term | None:
        """The value of a function of the file that is one expression."""
        is_open = self._helpers < _DEEPEST_HELPER and self._nested < _MOST_NESTED
        if not (is_open and self.budget.has_helpers):
            return None
        helper = helper_of(function, self.bound)
        names = None if helper is None else argument_terms(helper.arguments, given)
        if helper is None or names is None:
            return None
        # Not remembered by the arguments: the same call again may make another value.
        inside = State(names, state.knowledge, state.line)
        self._nested += self._helpers > 0
        self._helpers += 1
        result = self.read(helper.body, inside)
        self._helpers -= 1
        state.knowledge = inside.knowledge
        return result

    def _einsum(self, node: ast.Call, state: State) -> Term:
        """The product; behind it the terms of its equation tell the ranks of the operands."""
        given = self.equations.given(node)
        match given[1:]:
            case [ast.List(elts=[_, *_] as parts) | ast.Tuple(elts=[_, *_] as parts)]:
                given = [given[0], *parts]
        nodes = [each.value if isinstance(each, ast.Starred) else each for each in given]
        terms = tuple(self.read(each, state) for each in nodes)
        for keyword in node.keywords:
            self.read(keyword.value, state)
        before = state.knowledge
        equation = _equation(agreed(self.equations.texts(nodes[0])) if nodes else None)
        is_open = nodes != given or bool(node.keywords)
        result = Term(CALL, terms, detail="einsum", line=state.line)
        if equation is not None and not is_open and len(equation.inputs) == len(terms) - 1:
            for term, labels in zip(terms[1:], equation.inputs, strict=True):
                if ELLIPSIS not in labels:
                    state.learn_rank(term, len(labels))
            result = Term(PRODUCT, terms[1:], detail=equation, line=state.line)
        if not self._helpers:
            visit = Operands(tuple(nodes), terms, result, before, state.knowledge)
            self.visits.setdefault(node, []).append(visit)
        return result


def item(owner: Term, place: int, line: int) -> Term:
    """One part of a tuple, a shape or a tensor."""
    if owner.operator == SHAPE:
        return Term(SIZE, owner.operands, detail=place, line=line)
    parts = owner.operands if owner.operator == TUPLE else ()
    is_plain = not any(each.operator == STARRED for each in parts)
    if is_plain and -len(parts) <= place < len(parts):
        return parts[place]
    return Term(ITEM, (owner, constant(place)), line=line)


def mentioned(node: ast.AST, state: State) -> tuple[Term, ...]:
    """What the names in a piece of code stand for."""
    names = dict.fromkeys(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
    return tuple(state.names[name] for name in names if name in state.names)


def _equation(text: str | None) -> Equation | None:
    try:
        return None if text is None else parse(text)
    except EquationError:
        return None
