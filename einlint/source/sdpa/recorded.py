"""A reading of functions that remembers where each term is written, and what names mean there."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from einlint.algebra.equation import ELLIPSIS
from einlint.source.autocast import is_autocast
from einlint.source.expressions import Expressions, State, item
from einlint.source.helpers import argument_terms, function_of, helper_of
from einlint.source.knowledge import Knowledge
from einlint.source.operators import IN_PLACE
from einlint.source.other_products import other_product, path_in_spite_of_stars
from einlint.source.reading import Reading
from einlint.source.scopes import Scope
from einlint.source.sdpa.distinct import distinct
from einlint.source.sdpa.filling import filled, is_fresh
from einlint.source.sdpa.methods import (
    Method,
    Methods,
    masks_in_place,
    may_be_changed,
    method_called,
    value_of_body,
)
from einlint.source.sdpa.of_scores.asked import Asked, may_ask
from einlint.source.sdpa.of_scores.blended import read_as_where
from einlint.source.sdpa.starred import path_by_stars
from einlint.source.sdpa.steps import makes_weights
from einlint.source.sdpa.targets import attribute_of, bound_by, names_in
from einlint.source.terms import (
    APPLY,
    CALL,
    CHOICE,
    FREE,
    INSTANCE,
    ITEM,
    LAYER,
    OPAQUE,
    PRODUCT,
    SHAPE,
    Term,
    free,
)

# Of a file with more products than people write, most are not looked at.
_MOST_PRODUCTS: Final = 2000
_DEEPEST_BODY: Final = 3
# Lines of methods; those that call methods multiply, and the rest of a file is not looked into.
_MOST_LINES: Final = 5000
_SEQUENCE: Final = "torch.nn.Sequential"
FUSED: Final = "scaled_dot_product_attention"


@dataclass(frozen=True, slots=True)
class Place:
    """What holds where a product is computed."""

    names: Mapping[str, Term]
    knowledge: Knowledge


@dataclass(slots=True)
class Recorder(Expressions):
    """Reads expressions, and remembers how they are written in the functions themselves.

    nodes: what each term is computed by; nothing for what a helper computes.
    names: what each name of the text stands for; None where that is not one thing.
    places: of the products, and of calls that compute a whole attention.
    homes: the statement that each term is computed in.
    results: what an assignment makes.
    kept: what names stood for where they were forgotten, by scope.
    deleted: what names stood for where they were deleted, and stand for behind that.
    unbound: the names that come from elsewhere.
    changed: what is changed in place -> what becomes of it.
    inner: the places of layers in an `nn.Sequential`.
    methods, functions: those that are read where they are called. of_methods: what methods compute.
    calls: the calls of both, by what they compute.
    changing: the functions that may change what they are given. owned: what classes have, by name.
    asked: what asks scores for something.
    fills: the statements that mask scores by an index.
    starred: what names that only a star import binds are taken for.
    """

    nodes: dict[Term, ast.AST] = field(default_factory=dict)
    names: dict[ast.Name, Term | None] = field(default_factory=dict)
    places: dict[Term, Place] = field(default_factory=dict)
    homes: dict[Term, ast.stmt] = field(default_factory=dict)
    results: dict[ast.stmt, list[Term]] = field(default_factory=dict)
    kept: dict[Scope, dict[str, list[Term]]] = field(default_factory=dict)
    deleted: dict[ast.Delete, dict[str, tuple[Term, Term]]] = field(default_factory=dict)
    unbound: dict[str, Term] = field(default_factory=dict)
    changed: dict[Term, list[Term]] = field(default_factory=dict)
    inner: dict[Term, int] = field(default_factory=dict)
    methods: Methods = field(default_factory=dict)
    functions: set[Method] = field(default_factory=set)
    of_methods: set[Term] = field(default_factory=set)
    calls: dict[Term, ast.Call] = field(default_factory=dict)
    changing: dict[ast.AST, bool] = field(default_factory=dict)
    owned: dict[ast.ClassDef, Mapping[str, ast.expr | Method]] = field(default_factory=dict)
    asked: Asked = field(init=False)
    fills: set[ast.stmt] = field(default_factory=set)
    starred: Mapping[str, str] = field(default_factory=dict)
    statement: ast.stmt | None = None
    _methods: int = 0
    _bodies: int = 0
    _read: int = 0

    def __post_init__(self) -> None:
        Expressions.__post_init__(self)
        self.asked = Asked(self.bound)

    def read(self, node: ast.expr, state: State) -> Term:
        """The term of an expression, remembered."""
        known = self._of_body(node, state) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Attribute):
            known = state.names.get(attribute_of(node))
        if known is not None:
            return known
        is_here = not self._helpers
        if may_ask(node):
            mask = self.asked.mask(node, state.names, is_here=is_here)
            if mask is not None:
                return self.read(mask, state)
            names = self.asked.names(node, state.names, is_here=is_here)
            state = state if names is None else State(names, state.knowledge, state.line)
        term = self._unfolded(Expressions.read(self, node, state), node, state)
        term = read_as_where(node, term) or term
        term = self.asked.triangle(node, term, state.names, is_here=is_here)
        term = self.asked.size(node, term, state.names, is_here=is_here)
        term = self._told_apart(term, node, state)
        if self._methods and not isinstance(node, ast.Name):  # what it is given is none of its own
            self.of_methods.add(term)
        if self._helpers:
            return term
        if isinstance(node, ast.Call) and helper_of(node.func, self.bound) is not None:
            return term  # what it computes is written elsewhere
        if isinstance(node, ast.Name):
            is_same = self.names.get(node, term) is term
            self.names[node] = term if is_same else None
        elif not isinstance(node, ast.Constant):
            self._remember(term, node, state)
        return term

    def path(self, node: ast.expr) -> str | None:
        """The dotted name of what another module holds.

        A star import that binds `F` or `nn` behind torch's binds torch's again.
        """
        known = Expressions.path(self, node)
        if known is None and self.bound.all_scopes[0].star_imports:
            known = path_in_spite_of_stars(node, self.bound)
            known = known or path_by_stars(node, self.bound, self.starred)
        return known

    def _call(self, node: ast.Call, state: State) -> Term:
        """A call; also of products that no other reading knows."""
        found = None if node in self.apis else other_product(node, self.path(node.func))
        if found is None:
            return Expressions._call(self, node, state)
        equation, operands = found
        terms = tuple(self.read(each, state) for each in operands)
        for term, labels in zip(terms, equation.inputs, strict=True):
            if ELLIPSIS not in labels:
                state.learn_rank(term, len(labels))
        return Term(PRODUCT, terms, detail=equation, line=state.line)

    def _of_body(self, node: ast.Call, state: State) -> Term | None:
        """What another method of the class, or a function of the file, computes."""
        method = method_called(node, self.methods, self.bound)
        function = method or function_of(node.func, self.bound)
        is_open = any(isinstance(each, ast.Starred) for each in node.args)
        is_open = is_open or any(each.arg is None for each in node.keywords)
        if function is None or is_open or self._bodies >= _DEEPEST_BODY:
            return None
        if (method is None and function not in self.functions) or self._read >= _MOST_LINES:
            return None
        self._read += (function.end_lineno or function.lineno) - function.lineno
        is_changed = masks_in_place(function)
        if is_changed and not (method and may_be_changed(node, self.bound, state.names)):
            return None
        parts = [*node.args, *(each.value for each in node.keywords)]
        if method is not None and isinstance(node.func, ast.Attribute):
            parts.insert(0, node.func.value)
        terms = tuple(self.read(each, state) for each in parts)
        named = tuple(each.arg for each in node.keywords if each.arg is not None)
        names = argument_terms(function.args, Term(CALL, terms, named, line=state.line))
        if names is None or (method is not None and terms[0].operator != INSTANCE):
            return None
        inside = State(names, state.knowledge, state.line)
        self._helpers += 1
        self._bodies += 1
        self._methods += method is not None
        reading = Reading(self.bound.scopes[function.body[0]], self)
        value = value_of_body(function.body, reading, inside)
        self._helpers -= 1
        self._bodies -= 1
        self._methods -= method is not None
        if value is not None and not self._helpers:
            self.calls[value] = node
        return value

    def _unfolded(self, term: Term, node: ast.expr, state: State) -> Term:
        """What the layers of an `nn.Sequential` do one after another, or one of them."""
        layer = term.operands[0] if term.operands else term
        if term.operator not in (APPLY, ITEM) or len(term.operands) != 2 or term.names:
            return term
        if not is_sequence(layer):
            return term
        if term.operator == ITEM:
            place = term.operands[1].integer
            is_there = place is not None and 0 <= place < len(layer.operands)
            return layer.operands[place] if is_there and place is not None else term
        value = term.operands[1]
        for place, each in enumerate(layer.operands):
            self.inner[each] = place
            value = Term(APPLY, (each, value), line=term.line)
            if not self._helpers and each is not layer.operands[-1]:
                self._remember(value, node, state)
        return value

    def _remember(self, term: Term, node: ast.AST, state: State) -> None:
        if term in self.nodes:
            return
        self.nodes[term] = node
        if term.operator in (IN_PLACE, "augmented", "aliased"):
            self.changed.setdefault(term.operands[0], []).append(term)
        if self.statement is not None:
            self.homes[term] = self.statement
        for product in _products(term, node):
            self.nodes.setdefault(product, node)
            is_place = product.operator == PRODUCT or str(product.detail).endswith(FUSED)
            if is_place and len(self.places) < _MOST_PRODUCTS:
                self.places[product] = Place(dict(state.names), state.knowledge)

    def _told_apart(self, term: Term, node: ast.expr, state: State) -> Term:
        """A term that is the same for the same name, and another one for another text."""
        if term.operator == FREE and isinstance(node, ast.Name) and node.id not in state.names:
            return self.unbound.setdefault(node.id, term)
        if term.operator in (OPAQUE, CALL) and (term.detail is None or term.detail == ""):
            return distinct(term, node)
        return term

    @property
    def is_elsewhere(self) -> bool:
        """Whether a helper or another method is read."""
        return self._helpers > 0

    def remember(self, term: Term, node: ast.AST, state: State) -> None:
        """Note a term that a statement makes and no expression."""
        if not self._helpers:
            self._remember(term, node, state)


def is_sequence(term: Term) -> bool:
    """Whether it is an `nn.Sequential` of layers that are named one by one."""
    is_one = term.operator == LAYER and term.detail == _SEQUENCE and not term.names
    return is_one and bool(term.operands) and all(each.operator == LAYER for each in term.operands)


def _products(term: Term, node: ast.AST) -> Iterator[Term]:
    """A product, and the terms that a `baddbmm` is made of."""
    yield term
    if isinstance(node, ast.Call) and term.operator == "add":
        for each in term.operands:
            yield each
            yield from (inner for inner in each.operands if inner.operator == PRODUCT)


@dataclass(slots=True)
class RecordedReading(Reading):
    """A pass over statements that remembers which of them makes what.

    What is computed in a `with` statement is known behind it. What a name stands for where it is
    forgotten is used if the name is read later.
    """

    def _statement(self, node: ast.stmt, state: State) -> bool:
        recorder = self._recorder
        before, recorder.statement = recorder.statement, node
        is_open = Reading._statement(self, node, state)
        names = {each.id for each in bound_by(node)}
        if names and isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            found = (state.names[name] for name in names if name in state.names)
            recorder.results.setdefault(node, []).extend(found)
        recorder.statement = before
        return is_open

    @property
    def _recorder(self) -> Recorder:
        assert isinstance(self.expressions, Recorder)
        return self.expressions

    def _augmented(self, node: ast.AugAssign, state: State) -> None:
        Reading._augmented(self, node, state)
        if isinstance(node.target, ast.Name):
            made = state.names.get(node.target.id)
            if made is not None:
                self._recorder.remember(made, node, state)

    def _if(self, node: ast.If, state: State) -> bool:
        before = dict(state.names)
        is_open = Reading._if(self, node, state)
        for name, term in state.names.items():
            if term is not before.get(name) and term.operator == CHOICE:
                self._recorder.remember(term, node, state)
        return is_open

    def _either(self, name: str, test: Term, one: State, other: State) -> Term:
        """What a name stands for behind both branches; it may be bound in one of them only."""
        mine, its = one.names.get(name), other.names.get(name)
        if mine is None and its is None:
            return free(name, one.line)
        sides = mine or free(name, one.line), its or free(name, one.line)
        return sides[0] if mine is its else Term(CHOICE, (test, *sides), line=one.line)

    def _expression(self, node: ast.expr, state: State) -> None:
        count = len(self.sinks)
        Reading._expression(self, node, state)
        # What is too deep has no operands.
        made = next(iter(self.sinks[count].operands), None) if len(self.sinks) > count else None
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name())):
                is_named = True
            case _:
                is_named = False
        is_in_place = is_named and made is not None and made.operator == IN_PLACE
        if made is not None and is_in_place and is_fresh(made):
            # What has been changed is seen by its names, and by nobody else.
            del self.sinks[count]
            if self._recorder.statement is not None:
                self._recorder.results.setdefault(self._recorder.statement, []).append(made)

    def _other(self, node: ast.stmt, state: State) -> None:
        match node:
            case ast.With() | ast.AsyncWith():
                recorder = self._recorder
                for each in node.items:
                    how = "autocast" if is_autocast(each) else "statement"
                    self._sink(how, recorder.read(each.context_expr, state))
                    if each.optional_vars is not None:
                        state.forget({name.id for name in names_in(each.optional_vars)})
                self.block(node.body, state)
            case ast.Delete(targets=targets) if all(isinstance(x, ast.Name) for x in targets):
                gone = {name.id for target in targets for name in names_in(target)}
                before = {name: state.names[name] for name in gone if name in state.names}
                state.forget(gone)
                self._recorder.deleted[node] = {n: (t, state.names[n]) for n, t in before.items()}
            case ast.Assign() | ast.Pass():
                pass
            case _:
                Reading._other(self, node, state)

    def _bind(self, target: ast.expr, value: Term, state: State) -> None:
        if isinstance(target, ast.Subscript) and self._fill(target, value, state):
            return
        if isinstance(target, ast.Name) and value.has_list:
            # Whoever reads the list gets what has been put into it.
            kept = self._recorder.kept.setdefault(self.scope, {})
            kept.setdefault(target.id, []).append(value)
        Reading._bind(self, target, value, state)
        if isinstance(target, ast.Attribute) and makes_weights(value):
            # `self.weights = softmax(...)`, and the attribute is read for the product.
            state.bind(attribute_of(target), value)

    def _fill(self, target: ast.Subscript, value: Term, state: State) -> bool:
        """Whether it masks scores that were computed here: `scores[mask] = low`."""
        recorder, node, owner = self._recorder, self._recorder.statement, target.value
        old = state.names.get(owner.id) if isinstance(owner, ast.Name) else None
        is_one = isinstance(node, ast.Assign) and node.targets == [target]
        if old is None or node is None or not is_one or recorder.is_elsewhere or not is_fresh(old):
            return False
        term = filled(old, recorder.read(target.slice, state), value, state.line)
        if term is not None:
            recorder.fills.add(node)
            recorder.remember(term, node, state)
            recorder.results.setdefault(node, []).append(term)
            self._replace(old, term, state)
        return term is not None

    def _unpack(self, targets: Sequence[ast.expr], value: Term, state: State) -> None:
        stars = [place for place, each in enumerate(targets) if isinstance(each, ast.Starred)]
        if len(stars) != 1 or value.operator == SHAPE:
            Reading._unpack(self, targets, value, state)
            return
        for place, target in enumerate(targets):
            if isinstance(target, ast.Starred):
                # Whatever is left; it may be all.
                for each in names_in(target):
                    state.bind(each.id, Term(OPAQUE, (value,), line=state.line))
            else:
                at = place if place < stars[0] else place - len(targets)
                self._bind(target, item(value, at, state.line), state)

    def _sink_bound(self, names: Iterable[str], state: State) -> None:
        kept = self._recorder.kept.setdefault(self.scope, {})
        for name in sorted(names):
            if name in state.names:
                kept.setdefault(name, []).append(state.names[name])
