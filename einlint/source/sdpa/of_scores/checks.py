"""Checks of the sizes of scores and weights, and sizes for nobody: a fix takes them out, too."""

import ast
from collections.abc import Iterator, Set
from typing import Final, TypeAlias

from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.reading import Read
from einlint.source.terms import Term

Check: TypeAlias = ast.Assert | ast.If
_ENDS: Final = frozenset({"test", "raise"})
_ATTRIBUTES: Final = frozenset({"shape", "ndim"})
_METHODS: Final = frozenset({"size", "dim", "ndimension", "numel"})
_CONTAINERS: Final = frozenset({"list", "tuple", "len", "Size"})
_PURE = (
    *(ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.Constant),
    *(ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.keyword),
    *(ast.cmpop, ast.boolop, ast.unaryop, ast.operator, ast.expr_context),
)


def checks_of(matched: Matched, read: Read) -> dict[Term, Check]:
    """The checks that need the scores or the weights, by what leaves the function in them."""
    inside = {*matched.terms} - {matched.product}
    found = ((each, check_of(each, inside, read)) for each in read.sinks)
    return {each: check for each, check in found if check is not None}


def unused_sizes(matched: Matched, read: Read) -> Iterator[ast.Assign]:
    """The assignments that ask scores or weights for sizes, which nobody needs."""
    inside = {*matched.terms} - {matched.product}
    for node, results in read.recorder.results.items():
        is_unused = isinstance(node, ast.Assign) and not any(map(read.is_live, results))
        if is_unused and isinstance(node, ast.Assign) and not isinstance(node.value, ast.Name):
            targets = (each for target in node.targets for each in ast.walk(target))
            is_plain = all(isinstance(e, ast.Name | ast.Tuple | ast.expr_context) for e in targets)
            if is_plain and _asks_for_sizes(node.value, inside, read):
                yield node


def check_of(sink: Term, inside: Set[Term], read: Read) -> Check | None:
    """The check that something leaves a function in, if it reads sizes of these values only.

    It is an assertion, or an `if` of which nothing but a `raise` depends.
    """
    if sink.operator not in _ENDS or not sink.operands:
        return None
    node = read.recorder.nodes.get(sink.operands[0])
    parent = read.file.bound.parents.get(node) if node is not None else None
    match parent:
        case ast.Raise(exc=exc) if exc is node:
            parent = read.file.bound.parents.get(parent)
        case ast.Assert(test=test) | ast.If(test=test) if test is node:
            pass
        case _:
            return None
    match parent:
        case ast.Assert() | ast.If(body=[ast.Raise()], orelse=[]):
            return parent if _asks_for_sizes(parent.test, inside, read) else None
    return None


def _asks_for_sizes(test: ast.expr, inside: Set[Term], read: Read) -> bool:
    """Whether a test does nothing besides, and reads nothing of these values but their sizes."""
    if not all(map(_is_pure, ast.walk(test))):
        return False
    names = [each for each in ast.walk(test) if isinstance(each, ast.Name)]
    asked = {*_asked(test)}
    mine = [each for each in names if read.recorder.names.get(each) in inside]
    return bool(mine) and asked.issuperset(mine)


def _asked(test: ast.expr) -> Iterator[ast.Name]:
    """The names that a test asks for a size."""
    for node in ast.walk(test):
        match node:
            case ast.Attribute(value=ast.Name() as name, attr=asked) if asked in _ATTRIBUTES:
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name() as name, attr=asked)):
                if asked in _METHODS:
                    yield name


def _is_pure(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _METHODS or name == "Size"
        case ast.Call(func=ast.Name(id=name)):
            return name in _CONTAINERS
    return isinstance(node, _PURE)
