"""Methods and functions that compute a part of an attention, and do nothing else."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, TypeAlias

from einlint.source.attributes import Attributes
from einlint.source.binder import BoundModule
from einlint.source.expressions import State
from einlint.source.methods import class_of_self
from einlint.source.reading import Reading
from einlint.source.terms import CHOICE, Term

Method: TypeAlias = ast.FunctionDef
Methods: TypeAlias = dict[tuple[ast.ClassDef, str], Method]
_UNREADABLE: Final = (
    *(ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.Lambda),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal),
)
_REPEATING: Final = frozenset({"expand", "repeat_interleave"})
# What masks scores, and what a method asks these for besides.
_MASKING: Final = frozenset({"masked_fill", "masked_fill_"})
_IN_PLACE: Final = "masked_fill_"
_ASKING: Final = frozenset({"size", "shape", "device", "dtype", _IN_PLACE})
_PLAIN: Final = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.Return)


def readable_methods(
    classes: Iterable[ast.ClassDef], wanted: Iterable[ast.AST], attributes: Attributes
) -> Methods:
    """The methods among what is wanted that are read where they are called.

    No class of the file that is derived from theirs has another method of this name, and nobody
    sets an attribute of this name.
    """
    inside = {*wanted}
    patched = {name for _, name in attributes.bound.patches}
    found: Methods = {}
    for node in classes:
        derived = [each for each in attributes.heirs(node) if each is not node]
        others = {m.name for each in derived for m in each.body if isinstance(m, ast.FunctionDef)}
        own = [each for each in node.body if isinstance(each, ast.FunctionDef)]
        names = [each.name for each in own]
        for method in own:
            is_one = names.count(method.name) == 1 and method.name not in others | patched
            if is_one and method in inside and _is_plain(method):
                found[node, method.name] = method
    return found


def masking_methods(bound: BoundModule) -> Iterator[ast.AST]:
    """The functions around calls that mask something."""
    for call in bound.calls_of(_MASKING):
        around = (each for each in bound.around(call) if isinstance(each, ast.FunctionDef))
        yield from islice(around, 1)


def readable_functions(bound: BoundModule) -> set[Method]:
    """The functions of the module that repeat heads."""
    repeating = (each for each in bound.of_kind(ast.Attribute) if each.attr in _REPEATING)
    outermost = {_outermost(each, bound) for each in repeating}
    return {each for each in outermost if isinstance(each, ast.FunctionDef) and _is_plain(each)}


def _outermost(node: ast.AST, bound: BoundModule) -> ast.AST:
    """The statement of the module that a node is in."""
    around = [node, *bound.around(node)]
    return around[-2]


def _is_plain(method: Method) -> bool:
    """Whether it binds local names, and returns what it has computed at its end."""
    arguments = method.args
    if method.decorator_list or arguments.vararg or arguments.kwarg:
        return False
    parameters = {each.arg for each in (*arguments.args, *arguments.kwonlyargs)}
    for node in ast.walk(method):
        if node is not method and isinstance(node, _UNREADABLE):
            return False
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name.endswith("_"):
                if name != _IN_PLACE or not _is_followed(method):
                    return False
            case ast.AugAssign(target=target):
                if not isinstance(target, ast.Name) or target.id in parameters:
                    return False
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                return False
    statements = [each for each in ast.walk(method) if isinstance(each, ast.stmt)]
    return all(
        isinstance(each, _PLAIN) or _is_text(each) or _is_in_place(each) for each in statements[1:]
    )


def _is_in_place(node: ast.AST) -> bool:
    """Whether it is the statement `scores.masked_fill_(mask, low)`."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(), attr=name))):
            return name == _IN_PLACE
    return False


def _is_followed(method: Method) -> bool:
    """Whether all that it masks in place are parameters that have no other name there."""
    masked: set[str] = set()
    known: set[ast.AST] = set()
    for node in ast.walk(method):
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name) as owner))):
                if _is_in_place(node):
                    masked.add(name)
                    known.add(owner)
            case ast.Attribute(value=ast.Name() as owner, attr=attr) if attr in _ASKING - {
                _IN_PLACE
            }:
                known.add(owner)
            case ast.Return(value=ast.Name() as value):
                known.add(value)
    named = [each for each in ast.walk(method) if isinstance(each, ast.Name)]
    places = [e for e in ast.walk(method) if isinstance(e, ast.Attribute) and e.attr == _IN_PLACE]
    is_all = all(each.value in known for each in places)
    return is_all and all(each in known for each in named if each.id in masked)


def masks_in_place(method: Method) -> bool:
    """Whether it changes what it is given, and returns that."""
    return any(map(_is_in_place, ast.walk(method)))


def may_be_changed(call: ast.Call, bound: BoundModule, names: Mapping[str, Term]) -> bool:
    """Whether all that a call is given was computed for it, or has one name that is bound anew."""
    given = (*call.args, *(each.value for each in call.keywords))
    match bound.parents[call], given:
        case ast.Assign(targets=[ast.Name(id=target)]), [ast.Name(id=name)] if name == target:
            return sum(each is names.get(name) for each in names.values()) == 1
    return all(isinstance(each, ast.BinOp) for each in given)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def method_called(node: ast.Call, methods: Methods, bound: BoundModule) -> Method | None:
    """The method of `self` that a call calls, if it is one of these."""
    match node.func:
        case ast.Attribute(value=ast.Name() as owner, attr=name) if methods:
            inside = class_of_self(owner, bound)
            return None if inside is None else methods.get((inside, name))
    return None


def value_of_body(body: Sequence[ast.stmt], reading: Reading, state: State) -> Term | None:
    """What statements return; None if they may reach their end."""
    for place, node in enumerate(body):
        match node:
            case ast.Return(value=ast.expr() as value):
                return reading.expressions.read(value, state)
            case ast.If(test=test, body=inner, orelse=other) if _returns(node):
                asked = reading.expressions.read(test, state)
                rest = [*other, *body[place + 1 :]]
                one = value_of_body(inner, reading, state.copy())
                two = value_of_body(rest, reading, state.copy())
                return None if one is None or two is None else Term(CHOICE, (asked, one, two))
        reading.block([node], state)
    return None


def _returns(node: ast.stmt) -> bool:
    return any(isinstance(each, ast.Return) for each in ast.walk(node))
