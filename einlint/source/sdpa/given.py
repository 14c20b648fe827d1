"""What parameters of a function are, as their annotations, defaults and the calls of the file say.

A function of its own, or a module without layers, is often given the dropout of its caller.
"""

import ast
import re
from collections.abc import Iterator
from typing import Final

from einlint.source.binder import BoundModule, Function
from einlint.source.helpers import defaults
from einlint.source.imports import dotted_path
from einlint.source.methods import class_of_self
from einlint.source.names import last_name
from einlint.source.terms import FREE, LAYER, Free, Term, bottom_up

_DROPOUT: Final = "torch.nn.Dropout"
# Only parameters of this name are looked up at the calls.
_NAME: Final = "dropout"
_NUMBERS: Final = re.compile(r"\b(float|int)\b")
# What is 1 by default, and a tensor for those who give one.
_TENSORS: Final = re.compile(
    r"mask|weight|bias|gate|adj|prior|dist|graph|edge|score", re.IGNORECASE
)


def dropouts_given(function: Function, bound: BoundModule) -> dict[ast.arg, Term]:
    """The parameters that are `nn.Dropout` or None, as layers."""
    found: dict[ast.arg, Term] = {}
    for each in _parameters(function.args):
        is_declared = each.annotation is not None and _is_declared(each.annotation, bound)
        if is_declared or (each.arg == _NAME and _is_passed(each, function, bound)):
            own = Term(FREE, detail=Free(each.arg, group=function), line=each.lineno)
            found[each] = Term(LAYER, (own,), detail=_DROPOUT, line=each.lineno)
    return found


def is_number_given(term: Term) -> bool:
    """Whether it is a parameter that is a number: by its annotation, or unless it is given."""
    function = term.detail.group if isinstance(term.detail, Free) else None
    if term.operator != FREE or not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    name = term.detail.name if isinstance(term.detail, Free) else ""
    default = defaults(function.args).get(name)
    is_default = isinstance(default, ast.Constant) and type(default.value) in (int, float)
    return is_default or _is_told(term)


def _is_told(term: Term) -> bool:
    """Whether the annotation of a parameter says that it is a number."""
    free = term.detail
    if not isinstance(free, Free):
        return False
    function = free.group
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    own = next((each for each in _parameters(function.args) if each.arg == free.name), None)
    annotation = None if own is None else own.annotation
    text = "" if annotation is None else ast.unparse(annotation)
    return _NUMBERS.search(text) is not None and "Tensor" not in text


def is_number_by_default(term: Term) -> bool:
    """Whether it is made of a parameter that its default alone calls a number: `def f(s, bias=0)`.

    Somebody may give a tensor.
    """
    return any(
        is_number_given(each) and not _is_told(each)
        for each in bottom_up([term])
        if each.operator == FREE
    )


def is_plain_number(term: Term) -> bool:
    """Whether it is one, and not called what a tensor may be called."""
    name = term.detail.name if isinstance(term.detail, Free) else ""
    return is_number_given(term) and _TENSORS.search(name) is None


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _is_declared(annotation: ast.expr, bound: BoundModule) -> bool:
    """`nn.Dropout`, `nn.Dropout | None` or `Optional[nn.Dropout]`."""
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            return _is_dropout(left, bound)
        case ast.Subscript(value=ast.Name() | ast.Attribute() as owner, slice=inner):
            return last_name(owner) == "Optional" and _is_dropout(inner, bound)
    return _is_dropout(annotation, bound)


def _is_dropout(node: ast.expr, bound: BoundModule) -> bool:
    return dotted_path(node, bound.scopes[node]) == _DROPOUT


def _is_passed(parameter: ast.arg, function: Function, bound: BoundModule) -> bool:
    """Whether each call of the function in the file gives a dropout or None, and one a dropout."""
    default = defaults(function.args).get(parameter.arg)
    is_optional = isinstance(default, ast.Constant) and default.value is None
    given = [*_given(parameter, function, bound)]
    makes = [each for each in given if each is not None and not _is_none(each)]
    are_all_given = is_optional or None not in given
    return are_all_given and bool(makes) and all(_makes_dropout(each, bound) for each in makes)


def _given(parameter: ast.arg, function: Function, bound: BoundModule) -> Iterator[ast.expr | None]:
    """What each call gives for a parameter; None where it gives nothing."""
    owner = bound.parents[function]
    names = {function.name}
    is_static = any(last_name(each) == "staticmethod" for each in function.decorator_list)
    first = isinstance(owner, ast.ClassDef) and not is_static
    if isinstance(owner, ast.ClassDef) and function.name == "forward":
        names |= {*_attributes_of(owner, bound)}
    place = _parameters(function.args).index(parameter) - first
    for call in bound.calls_of(names):
        if (dotted_path(call.func, bound.scopes[call]) or "").startswith("torch."):
            continue  # the one that it is called after
        if not any(isinstance(each, ast.Starred) for each in call.args):
            named = (each.value for each in call.keywords if each.arg == parameter.arg)
            by_place = call.args[place] if 0 <= place < len(call.args) else None
            yield next(named, by_place)
        else:
            yield call  # it may be anything


def _attributes_of(node: ast.ClassDef, bound: BoundModule) -> Iterator[str]:
    """The attributes that hold a module of a class: `self.attention = DotProductAttention()`."""
    for call in bound.calls_of({node.name}):
        match bound.parents[call]:
            case ast.Assign(targets=[ast.Attribute(attr=name)]):
                yield name


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _makes_dropout(node: ast.expr, bound: BoundModule) -> bool:
    """Whether it is a dropout: made there, or what all of its class puts into an attribute."""
    match node:
        case ast.Call(func=function):
            return _is_dropout(function, bound)
        case ast.Attribute(value=ast.Name() as own, attr=name):
            owner = class_of_self(own, bound)
            made = [*_set(name, owner, bound)] if owner is not None else []
            return bool(made) and all(
                isinstance(each, ast.Call) and _is_dropout(each.func, bound) for each in made
            )
    return False


def _set(name: str, owner: ast.ClassDef, bound: BoundModule) -> Iterator[ast.expr | None]:
    """What code puts into an attribute of a class, or of one derived from it.

    None where that is not one thing, or where code does so that is no method of a class.
    """
    for node in bound.named(ast.Attribute).get(name, ()):
        if isinstance(node.ctx, ast.Load):
            continue
        found = class_of_self(node.value, bound) if isinstance(node.value, ast.Name) else None
        bases = [] if found is None else [found.name, *map(last_name, found.bases)]
        parent = bound.parents[node]
        if found is None:
            yield None
        elif owner.name in bases:
            yield parent.value if isinstance(parent, ast.Assign | ast.AnnAssign) else None
