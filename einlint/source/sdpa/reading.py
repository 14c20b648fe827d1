"""Which functions of a file may hold attention, and their reading."""

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from einlint.source.attributes import Attributes
from einlint.source.binder import BoundModule, Function
from einlint.source.imports import calls_of_apis
from einlint.source.infer import FileTerms
from einlint.source.lines import LineIndex
from einlint.source.names import last_name
from einlint.source.sdpa.members import NUMBER, members
from einlint.source.sdpa.recorded import Read, RecordedReading, Recorder, read_of

_SOFTMAX: Final = "oftmax"
_PRODUCTS: Final = frozenset({"matmul", "bmm", "baddbmm", "einsum"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


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
    recorder = Recorder(bound, calls_of_apis(bound))
    file = FileTerms(bound, lines, recorder, reader=RecordedReading)
    classes = [bound.parents[each] for each in wanted]
    own = [each for each in dict.fromkeys(classes) if isinstance(each, ast.ClassDef)]
    file.read_module(own)
    attributes = Attributes(bound)
    for each in own:
        known = file.classes[each].detail
        if isinstance(known, dict):
            for name, term in members(each, attributes.heirs(each), bound, recorder).items():
                if term.operator == NUMBER or name not in known:
                    known[name] = term
    for function in wanted:
        file.read_function(function)
    found = (read_of(each, file) for each in wanted)
    return [each for each in found if each is not None]


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
    yield from (each for each in bound.of_kind(ast.Call) if last_name(each.func) in _PRODUCTS)


def _softmaxes(bound: BoundModule) -> Iterator[ast.AST]:
    yield from (each for each in bound.of_kind(ast.Attribute) if _SOFTMAX in each.attr)
    yield from (each for each in bound.of_kind(ast.Name) if _SOFTMAX in each.id)


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
