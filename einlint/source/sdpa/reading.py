"""Which functions of a file may hold attention, and their reading."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeGuard

from einlint.source.attributes import Attributes
from einlint.source.binder import BoundModule, Function
from einlint.source.imports import calls_of_apis
from einlint.source.infer import FileTerms
from einlint.source.lines import LineIndex
from einlint.source.names import last_name
from einlint.source.prefilter import may_call_einsum
from einlint.source.scalars import is_scalar
from einlint.source.sdpa.given import dropouts_given
from einlint.source.sdpa.members import (
    NUMBER,
    changed_layers,
    changes_in,
    members,
    owned,
    refilled_in,
    set_outside,
)
from einlint.source.sdpa.methods import masking_methods, readable_functions, readable_methods
from einlint.source.sdpa.recorded import RecordedReading, Recorder
from einlint.source.sdpa.starred import names_by_stars
from einlint.source.terms import CALL, CHOICE, CONSTANT, LAYER, Free, Term

# Functions and their owners that are called to tell somebody something.
_TELLING: Final = re.compile(
    r"_?(print|log|warn|assert|check|debug|info|breakpoint|register_hook|retain_grad)"
)
# Context managers.
_PLAIN: Final = re.compile(r"autocast|no_grad|profil|record|range|timer|null", re.IGNORECASE)
_PLAIN_MODULES: Final = ("torch.", "contextlib.")
# Methods of lists and dicts that change them, and have a result.
_TAKING: Final = frozenset({"pop", "popitem", "popleft", "setdefault"})
_SOFTMAX: Final = "oftmax"
_PRODUCTS: Final = frozenset({"matmul", "bmm", "baddbmm", "einsum", "mm", "contract"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# A buffer with one number, by `torch.tensor(-1e5)`.
_NUMBER: Final = "tensor"
# Layers, and numbers that masked scores are filled with: other code may set others.
_SET_OUTSIDE: Final = frozenset({LAYER, CONSTANT, CALL, "neg", _NUMBER})


@dataclass(frozen=True)
class Read:
    """One function as terms.

    sinks: what leaves it.
    users: for every term that reaches a sink, the terms that are computed from it.
    forgotten: what names may stand for behind a loop, or in a list.
    """

    function: ast.FunctionDef | ast.AsyncFunctionDef
    file: FileTerms
    recorder: Recorder
    sinks: tuple[Term, ...]
    users: Mapping[Term, Mapping[Term, None]]
    forgotten: Mapping[str, tuple[Term, ...]]

    @cached_property  # most functions that are read have no attention
    def writes(self) -> tuple[ast.stmt | ast.expr, ...]:
        """The statements that write into an object, or call something for what it does.

        In the order in which they end.
        """
        written = (each for each in ast.walk(self.function) if writes(each, self.recorder))
        return tuple(sorted(written, key=_end))

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """All calls in the function, in the order in which they end."""
        calls = (each for each in ast.walk(self.function) if isinstance(each, ast.Call))
        return tuple(sorted(calls, key=_end))

    def owned(self, inside: ast.ClassDef) -> Mapping[str, ast.expr | ast.FunctionDef]:
        """What a class keeps in attributes, and its methods; found once for all functions."""
        known = self.recorder.owned
        if inside not in known:
            known[inside] = owned(inside, self.file.bound)
        return known[inside]

    def rank(self, term: Term, at: Term) -> int | None:
        """The number of axes of a value where a product is; None where it is not known."""
        place = self.recorder.places.get(at)
        return None if place is None else self.file.rank(term, place.knowledge)

    def is_live(self, term: Term) -> bool:
        """Whether anybody sees what becomes of it."""
        return term in self.users


def read_of(function: ast.FunctionDef | ast.AsyncFunctionDef, file: FileTerms) -> Read | None:
    """What a function that has been read computes; None if it is nested too deeply."""
    recorder = file.expressions
    assert isinstance(recorder, Recorder)
    scope = file.bound.scopes[function.body[0]]
    if scope not in file.sinks:
        return None
    kept = dict(recorder.kept.get(scope, {}))
    forgotten = {name: tuple(terms) for name, terms in kept.items()}
    users: dict[Term, dict[Term, None]] = {}
    sinks = list(file.sinks[scope])
    pending: list[tuple[Term, Term | None]] = [(each, None) for each in sinks]
    while pending:
        term, user = pending.pop()
        is_new = term not in users
        found = users.setdefault(term, {})
        if user is not None:
            found[user] = None
        if not is_new:
            continue
        pending += [(each, term) for each in term.operands]
        name = term.detail.name if isinstance(term.detail, Free) else ""
        if name in kept:
            # Behind a loop the name stands for one of these.
            sinks.append(Term("forgotten", tuple(kept.pop(name)), detail=name))
            pending.append((sinks[-1], None))
    return Read(function, file, recorder, tuple(sinks), users, forgotten)


def _end(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def writes(node: ast.AST, recorder: Recorder) -> TypeGuard[ast.stmt | ast.expr]:
    """Whether it changes an object, besides what methods such as `mask.zero_()` do."""
    match node:
        case ast.Assign(targets=targets) if node not in recorder.fills:
            parts = [each.elts if isinstance(each, ast.Tuple) else [each] for each in targets]
            flat = [each for some in parts for each in some]
            return any(isinstance(each, ast.Attribute | ast.Subscript) for each in flat)
        case ast.AugAssign(target=target):
            return not isinstance(target, ast.Name)
        case ast.Expr(value=value):
            return not isinstance(value, ast.Constant) and not _is_harmless(value, recorder)
        case ast.Call(keywords=keywords):
            given = {each.arg: each.value for each in keywords}
            inplace = given.get("inplace")
            is_told = isinstance(inplace, ast.Constant) and inplace.value is True
            return is_told or "out" in given or last_name(node.func) in _TAKING
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return not all(_is_plain(each.context_expr, recorder) for each in items)
        case ast.Delete(targets=targets):
            # A name that is gone is seen where it would be read.
            return not all(isinstance(each, ast.Name) for each in targets)
    return False


def _is_plain(context: ast.expr, recorder: Recorder) -> bool:
    """Whether a context manager changes no tensor: one of torch's, or one that measures."""
    called = context.func if isinstance(context, ast.Call) else context
    path = recorder.path(called)
    is_known = path is not None and path.startswith(_PLAIN_MODULES)
    return is_known or _PLAIN.search(last_name(called)) is not None


def _is_harmless(node: ast.expr, recorder: Recorder) -> bool:
    """Whether a statement only tells somebody something, or is `x.add_(y)`, which terms follow."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    owner = called.value if isinstance(called, ast.Attribute) else None
    name = last_name(called)
    if _TELLING.match(name) or _TELLING.match(last_name(owner)):
        return True
    is_in_place = name.endswith("_") and not name.endswith("__")
    return owner is not None and is_in_place and recorder.path(called) is None


def functions_read(
    bound: BoundModule,
    lines: LineIndex,
    is_asked: Callable[[Function], bool] = lambda _: True,
    only: Function | None = None,
) -> list[Read]:
    """The functions with a product, and with a softmax in them or in their class.

    is_asked: whether to read one of them.
    only: the one function to read, whatever it holds; None for all.
    """
    wanted = [each for each in _wanted(bound) if is_asked(each)] if only is None else [only]
    if not wanted:
        return []
    has_calls = may_call_einsum(lines.text, (api.function for api in bound.apis))
    calls = calls_of_apis(bound) if has_calls else {}
    recorder = Recorder(bound, calls, starred=names_by_stars(bound))
    file = FileTerms(bound, lines, recorder, reader=RecordedReading)
    classes = [bound.parents[each] for each in wanted]
    own = [each for each in dict.fromkeys(classes) if isinstance(each, ast.ClassDef)]
    file.read_module(own)
    attributes = Attributes(bound)
    parts = {**_around(_products(bound), bound), **_around(_softmaxes(bound), bound)} if own else {}
    inside = (*parts, *masking_methods(bound)) if own else ()
    recorder.methods = readable_methods(own, inside, attributes)
    recorder.functions = readable_functions(bound)
    changes = changes_in(bound) if own else {}
    outside = set_outside(bound) if own else set()
    refilled = {*refilled_in(bound)} if own else set()
    for each in own:
        known = file.classes[each].detail
        if isinstance(known, dict):
            heirs = attributes.heirs(each)
            for name, term in members(each, heirs, bound, recorder).items():
                before = known.get(name)
                is_better = term.operator == NUMBER and before is not None and not is_scalar(before)
                if before is None or is_better or before.operator == CHOICE:
                    known[name] = term
            for name in changed_layers(each, heirs, bound, changes):
                known.pop(name, None)
            _forget(known, outside, _SET_OUTSIDE)
            _forget(known, refilled, frozenset({_NUMBER}))
    for function in wanted:
        file.given |= dropouts_given(function, bound)
        file.read_function(function)
    found = (read_of(each, file) for each in wanted)
    return [each for each in found if each is not None]


def _forget(known: dict[str, Term], names: Set[str], operators: Set[str]) -> None:
    """Let attributes of some kinds be unknown."""
    for name in names & known.keys():
        term = known[name]
        if isinstance(term, Term) and term.operator in operators:
            del known[name]


def _wanted(bound: BoundModule) -> list[Function]:
    products = _around(_products(bound), bound)
    if not products:
        return []
    softmaxes = _around(_softmaxes(bound), bound)
    names = {each.name for each in softmaxes if isinstance(each, ast.ClassDef)}
    # A class has what its bases in the file set.
    for node in bound.of_kind(ast.ClassDef):
        if names.intersection(map(last_name, node.bases)):
            softmaxes[node] = None
            names.add(node.name)
    return [
        each
        for each in products
        if isinstance(each, _FUNCTIONS) and (each in softmaxes or bound.parents[each] in softmaxes)
    ]


def _products(bound: BoundModule) -> Iterator[ast.AST]:
    for operation in bound.of_kind(ast.BinOp):
        if isinstance(operation.op, ast.MatMult):
            yield operation
    for assignment in bound.of_kind(ast.AugAssign):
        if isinstance(assignment.op, ast.MatMult):
            yield assignment
    yield from bound.calls_of(_PRODUCTS)


def _softmaxes(bound: BoundModule) -> Iterator[ast.AST]:
    """What is called a softmax, and the calls of functions of the file that return one."""
    helpers: set[str] = set()
    for by_name in (bound.named(ast.Attribute), bound.named(ast.Name)):
        for name, found in by_name.items():
            for each in found if _SOFTMAX in name else ():
                yield each
                around = [*bound.around(each)]
                match around[-3:]:
                    case [ast.Return(), ast.FunctionDef(name=helper), ast.Module()]:
                        helpers.add(helper)
    yield from bound.calls_of(helpers)


def _around(nodes: Iterable[ast.AST], bound: BoundModule) -> dict[ast.AST, None]:
    """The functions and classes around nodes."""
    found: dict[ast.AST, None] = {}
    for node in nodes:
        parent: ast.AST | None = node
        while parent is not None and parent not in found:
            if isinstance(parent, (*_FUNCTIONS, ast.ClassDef)):
                found[parent] = None
            parent = bound.parents.get(parent)
    return found
