"""The shapes of the operands of every einsum call of a file."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from einlint.algebra.polynomials import Symbols
from einlint.algebra.sizes import Shape
from einlint.rewriting.sides import Orders
from einlint.source.annotations import promised_axes
from einlint.source.apis import Api
from einlint.source.arithmetic import NUMBERS
from einlint.source.attributes import Attributes, setting
from einlint.source.binder import BoundModule, Function
from einlint.source.dtypes import Dtypes
from einlint.source.expressions import Expressions, Operands, State
from einlint.source.helpers import defaults
from einlint.source.imports import dotted_path
from einlint.source.knowledge import Knowledge
from einlint.source.lines import LineIndex
from einlint.source.names import called_name
from einlint.source.operators import MANY
from einlint.source.own_permutations import own_permutations
from einlint.source.reading import Reading
from einlint.source.scopes import Scope, ScopeKind
from einlint.source.shapes import Shapes, Shown
from einlint.source.soundness import is_unsure
from einlint.source.terms import CHOICE, FREE, INSTANCE, ITEM, Free, Kind, Term
from einlint.source.units import unit_axes, unit_places

_LONGEST = 60
# What these make of several tensors is several again, if the shape does not tell.
_PERHAPS_SEVERAL = frozenset({CHOICE, ITEM, "aliased", *MANY, *NUMBERS})
_WITHOUT_SELF = frozenset({"staticmethod", "classmethod"})


@dataclass(frozen=True, slots=True, eq=False)
class OperandShapes:
    """The shapes of operands; None where one is not known, or two visits disagree.

    known: those that the code shows.
    fitted: those that it shows if the call does not raise, because its equation tells the ranks.
    """

    known: dict[ast.expr, Shape | None] = field(default_factory=dict)
    fitted: dict[ast.expr, Shape | None] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class FileTerms:
    """The einsum calls of a file with the terms of their operands.

    classes: `self` in the methods of each class.
    sinks: what leaves each function that was read.
    given: what parameters stand for, where more is known of them.
    reader: the pass over the statements of a scope.
    """

    bound: BoundModule
    lines: LineIndex
    expressions: Expressions
    classes: dict[ast.AST, Term] = field(default_factory=dict)
    sinks: dict[Scope, list[Term]] = field(default_factory=dict)
    given: dict[ast.arg, Term] = field(default_factory=dict)
    reader: type[Reading] = Reading
    _module: dict[str, Term] = field(default_factory=dict)
    _shapes: Shapes = field(init=False)
    _is_unsure: bool = field(init=False)

    def __del__(self) -> None:
        """Let go of what refers to itself: the attributes of `self` are computed from `self`."""
        for term in self.classes.values():
            if isinstance(term.detail, dict):
                term.detail.clear()

    def __post_init__(self) -> None:
        # Not a method of this object: nothing is in a cycle, so all is freed at once.
        self._shapes = Shapes(Symbols(), partial(shown_line, self.lines))
        self._is_unsure = is_unsure(self.bound)

    @classmethod
    def read(
        cls, bound: BoundModule, lines: LineIndex, apis: Mapping[ast.Call, Api]
    ) -> "FileTerms":
        """Read the module's body, and every function and class that holds a call."""
        file = cls(bound, lines, Expressions(bound, apis))
        wanted = _around(apis, bound)
        file.read_module(each for each in wanted if isinstance(each, ast.ClassDef))
        for node in wanted:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                file.read_function(node)
        return file

    def read_module(self, classes: Iterable[ast.ClassDef]) -> None:
        """Read the module's body, and what `__init__` sets in these classes."""
        module = State()
        outermost = self.bound.all_scopes[0]
        self._guarded(Reading(outermost, self.expressions), self.bound.tree.body, module)
        self._module = _readable(module, outermost)
        attributes = Attributes(self.bound)
        for node in classes:
            self.classes[node] = self._instance(node, attributes)

    def read_function(self, node: Function) -> None:
        """Read one more function: its einsum calls, and what leaves it."""
        reading, state = self._entered(node)
        instance = self.classes.get(self.bound.parents[node])
        parameters = [*node.args.posonlyargs, *node.args.args]
        if instance is not None and parameters and _is_of_instance(node, parameters[0].arg):
            state.names[parameters[0].arg] = instance
        self._guarded(reading, node.body, state)

    def terms_of(self, call: ast.Call) -> tuple[Operands, ...]:
        """What computes the operands of an einsum call, for each time that it was read."""
        return tuple(self.expressions.visits.get(call, ()))

    def shapes(self) -> OperandShapes:
        """The shape of each operand.

        Nothing is proved where the file changes shapes, names, layers or torch itself unseen.
        Taken for granted: other files do no such thing to what is of this one either.
        """
        found = OperandShapes()
        if self._is_unsure:
            return found
        for visits in self.expressions.visits.values():
            for visit in visits:
                self._note(visit, visit.knowledge, found.known)
                self._note(visit, visit.behind, found.fitted)
        return found

    def _note(
        self, visit: Operands, knowledge: Knowledge, found: dict[ast.expr, Shape | None]
    ) -> None:
        shapes = self._shapes.at(knowledge)
        for node, term in zip(visit.nodes, visit.terms, strict=True):
            shape = shapes.equal(shapes.of(term))
            known = found.get(node, shape)
            found[node] = shape if known == shape else None

    def dtypes(self) -> dict[ast.expr, str | None]:
        """The dtype of each operand, as torch names it; None where it is not known."""
        found: dict[ast.expr, str | None] = {}
        held = [each for term in self.classes.values() for each in _held(term)]
        dtypes = Dtypes(self.lines.text, held)
        if not dtypes.are_said or self._is_unsure:
            return found
        for visits in self.expressions.visits.values():
            for visit in visits:
                for node, term in zip(visit.nodes, visit.terms, strict=True):
                    dtype = dtypes.of(term)
                    found[node] = dtype if found.get(node, dtype) == dtype else None
        return found

    def tensors(self, call: ast.Call) -> set[ast.expr]:
        """The operands that are tensors on every visit; they have made one, or shown a shape."""
        visits = self.terms_of(call)
        if not visits or self._is_unsure:
            return set()
        return set.intersection(*map(self._tensors, visits))

    def _tensors(self, visit: Operands) -> set[ast.expr]:
        shapes = self._shapes.at(visit.knowledge)
        pairs = zip(visit.nodes, visit.terms, strict=True)
        return {
            node
            for node, term in pairs
            if shapes.of(term) is not None
            or (shapes.is_tensor(term) and term.operator not in _PERHAPS_SEVERAL)
        }

    def unit_places(self, call: ast.Call, number: int) -> tuple[frozenset[int], frozenset[int]]:
        """The axes of an operand that are visibly 1, from the front and from the back."""
        visits = self.terms_of(call)
        if len(visits) != 1:
            return frozenset(), frozenset()
        return unit_places(visits[0].terms[number + 1], self._shapes, visits[0].knowledge)

    def unit_axes(self, call: ast.Call, number: int, rank: int) -> Shape | None:
        """The axes of an operand that are visibly 1 if it has as many axes as its term."""
        visits = self.terms_of(call)
        if len(visits) != 1:
            return None
        visit = visits[0]
        term = visit.terms[number + 1]  # the equation comes first
        return unit_axes(term, self._shapes, visit.knowledge, rank)

    def below(self, call: ast.Call, number: int, steps: int) -> Iterator[tuple[Shapes, Term]]:
        """What an operand's last so many steps are applied to, and what is known at each visit.

        Nothing where that is not sure: in one visit, or in the whole file.
        """
        visits = () if self._is_unsure else self.terms_of(call)
        terms = [visit.terms[number + 1] for visit in visits]  # the equation comes first
        for _ in range(steps):
            if not all(term.operands for term in terms):
                return  # computed in too many steps to be looked into
            terms = [term.operands[0] for term in terms]
        for visit, term in zip(visits, terms, strict=True):
            yield self._shapes.at(visit.knowledge), term

    def permutations(self, call: ast.Call, ranks: Sequence[int]) -> tuple[tuple[Orders, ...], ...]:
        """By operand and branch the permutations at its end; the ranks are those of the terms."""
        visits = self.terms_of(call)
        if len(visits) != 1 or len(visits[0].terms) != len(ranks) + 1:
            return ()
        operands = visits[0].terms[1:]  # the equation comes first
        return tuple(
            own_permutations(term, rank) for term, rank in zip(operands, ranks, strict=True)
        )

    def rank(self, term: Term, knowledge: Knowledge) -> int | None:
        """The number of axes of a value; None where it is not known."""
        shape = self.shape(term, knowledge)
        return None if shape is None else len(shape)

    def shape(self, term: Term, knowledge: Knowledge) -> Shape | None:
        """The shape of a value; None where it is not known."""
        return None if self._is_unsure else self._shapes.at(knowledge).of(term)

    def _guarded(self, reading: Reading, body: list[ast.stmt], state: State) -> bool:
        """Read one scope; of what is nested too deeply to be walked nothing is known."""
        before, self.expressions.visits = self.expressions.visits, {}
        try:
            reading.block(body, state)
        except RecursionError:
            state.names.clear()
            return False
        else:
            self.sinks[reading.scope] = reading.sinks
            for call, visits in self.expressions.visits.items():
                before.setdefault(call, []).extend(visits)
            return True
        finally:
            self.expressions.visits = before

    def _entered(
        self, node: Function, store: Callable[[ast.expr, ast.expr, str, Term], None] | None = None
    ) -> tuple[Reading, State]:
        """A function at its beginning: what its parameters stand for."""
        scope = self.bound.scopes[node.body[0]]  # the scope that the function opens
        hidden = {*scope.bindings, *scope.declarations}
        outer: Scope | None = scope.parent
        while outer is not None and outer.kind is not ScopeKind.MODULE:
            hidden.update(outer.bindings)
            outer = outer.parent
        names = dict(self._module)
        for name in hidden:
            names.pop(name, None)
        given = defaults(node.args)
        for each in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
            names[each.arg] = self._parameter(each, given.get(each.arg), node)
        reading = self.reader(scope, self.expressions)
        if store is not None:
            reading.store = store
        return reading, State(names)

    def _parameter(self, node: ast.arg, default: ast.expr | None, function: ast.AST) -> Term:
        if node in self.given:
            return self.given[node]
        is_int = getattr(node.annotation, "id", "") == "int" or (
            isinstance(default, ast.Constant) and type(default.value) is int
        )
        axes = promised_axes(node.annotation, self.bound)
        is_tensor = axes is not None or self._is_tensor(node.annotation)
        kind = Kind.INTEGER if is_int else Kind.TENSOR if is_tensor else Kind.ANY
        return Term(FREE, detail=Free(node.arg, kind, axes, function), line=node.lineno)

    def _is_tensor(self, annotation: ast.expr | None) -> bool:
        if not isinstance(annotation, (ast.Name, ast.Attribute)):
            return False
        return dotted_path(annotation, self.bound.scopes[annotation]) == "torch.Tensor"

    def _instance(self, node: ast.ClassDef, attributes: Attributes) -> Term:
        """The attributes that only `__init__` sets, once, outside of loops and branches."""
        known: dict[str, Term] = {}
        instance = Term(INSTANCE, detail=known)
        functions = (each for each in node.body if isinstance(each, ast.FunctionDef))
        init = next((each for each in functions if each.name == "__init__"), None)
        if init is None or not attributes.are_named or not attributes.are_seen(node):
            return instance
        top = {id(each) for each in setting(init.body)}
        own = init.args.args[0].arg if init.args.args else ""

        def store(place: ast.expr, owner: ast.expr, name: str, value: Term) -> None:
            is_own = isinstance(owner, ast.Name) and owner.id == own
            is_sure = is_own and id(place) in top and not value.has_list
            if is_sure and attributes.is_set_once(name, node):
                known[name] = value

        reading, state = self._entered(init, store)
        state.names[own] = instance
        if not self._guarded(reading, init.body, state):
            known.clear()
        return instance


def shown_line(lines: LineIndex, line: int) -> Shown:
    """A line as findings quote it, and where it starts; nothing for line 0."""
    if line == 0:
        return "", None
    text = lines.line(line).strip()
    quoted = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return f"`{quoted}` at {lines.describe_line(line)}", lines.starts[line - 1]


def _held(instance: Term) -> Iterable[Term]:
    """What `self` holds: modules cast their parameters and buffers."""
    return instance.detail.values() if isinstance(instance.detail, dict) else ()


def _around(apis: Mapping[ast.Call, Api], bound: BoundModule) -> list[ast.AST]:
    """The functions and classes that hold einsum calls."""
    wanted: dict[ast.AST, None] = {}
    for call in apis:
        parent: ast.AST | None = call
        while parent is not None and parent not in wanted:
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                wanted[parent] = None
            parent = bound.parents.get(parent)
    return list(wanted)


def _readable(module: State, scope: Scope) -> dict[str, Term]:
    """What functions may read: names that the module binds once."""
    return {
        name: term
        for name, term in module.names.items()
        if term.operator != FREE
        and len(scope.bindings.get(name, ())) == 1
        and name not in scope.shared
        and not scope.star_imports
    }


def _is_of_instance(method: Function, first: str) -> bool:
    """Whether its first parameter is the object: a decorator, such as one that casts, leaves it."""
    found = {*map(called_name, method.decorator_list)}
    return not found or (first == "self" and _WITHOUT_SELF.isdisjoint(found))
