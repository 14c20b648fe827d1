"""Whether something else than plain names holds a tensor that a function has made.

A list, an attribute, a function within the function or one that is called with it may show the
tensor to what reads it under no name of its own.
"""

import ast
from collections.abc import Set
from typing import Final, TypeAlias

from einlint.source.names import last_name
from einlint.source.operators import operator_of
from einlint.source.sdpa.reading import Read
from einlint.source.terms import Term

# What may be the same tensor, the names that it is given, or None if something else holds it.
_Found: TypeAlias = ast.AST | tuple[str, ...] | None
_PURE: Final = ("torch.", "einops.", "numpy.")
_ASKED: Final = frozenset({"shape", "dtype", "device", "ndim"})
_ASKING: Final = frozenset({"len", "float", "int", "bool", "isinstance", "print"})
_COMPUTING: Final = (
    "mul div add sub neg pow softmax masked_fill clone cat stack repeat triu tril bitwise_not "
    "zeros_like ones_like full_like"
)
COMPUTED: Final = frozenset(_COMPUTING.split())
"""What puts its result into memory of its own, whatever it is given."""

_TESTS: Final = "where logical_not logical_and logical_or eq ne lt gt le ge sum any all"
_MAKING: Final = frozenset({*COMPUTED, *_TESTS.split()})
# What makes a new value of it, or asks for it once.
_USING = (
    *(ast.BinOp, ast.UnaryOp, ast.Compare, ast.FormattedValue, ast.Expr, ast.Assert, ast.If),
    *(ast.While, ast.AugAssign, ast.Return, ast.Slice, ast.Subscript),
)
_PASSING = (ast.IfExp, ast.BoolOp, ast.keyword)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def is_held(memory: Set[Term], read: Read) -> bool:
    """Whether anything but names of the function may hold what lies in this memory."""
    names: dict[str, list[ast.Name]] = {}
    pending: list[str] = []
    for each in ast.walk(read.function):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
            names.setdefault(each.id, []).append(each)
            if read.recorder.names.get(each) in memory:
                pending.append(each.id)
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        for node in names.get(name, ()):
            others = _other_names(node, read) if _is_own(node, read) else None
            if others is None:
                return True
            pending += others
    return False


def _is_own(node: ast.Name, read: Read) -> bool:
    """Whether no function within the function reads a name."""
    around = (each for each in read.file.bound.around(node) if isinstance(each, _SCOPES))
    return next(around, None) is read.function


def _other_names(node: ast.AST, read: Read) -> tuple[str, ...] | None:
    """The names that an expression gives to what it reads; None if something else may hold it."""
    found: _Found = node
    while isinstance(found, ast.AST):
        found = _behind(found, read)
    return found


def _behind(node: ast.AST, read: Read) -> _Found:
    """What an expression is a part of, if that may be the same tensor; or its names."""
    parents = read.file.bound.parents
    parent = parents[node]
    match parent:
        case ast.Attribute(attr=name):
            outer = parents[parent]
            is_method = isinstance(outer, ast.Call) and outer.func is parent
            is_other = name in (_MAKING if is_method else _ASKED)
            return () if is_other else outer if is_method else parent
        case ast.Subscript(value=owner, ctx=ast.Load()) if owner is node:
            return parent
        case ast.Call() if node is not parent.func:
            return _behind_call(parent, read)
        case ast.Assign(targets=targets):
            found = tuple(each.id for each in targets if isinstance(each, ast.Name))
            return found if len(found) == len(targets) else None
        case ast.AnnAssign(target=ast.Name(id=name)):
            return (name,)
        case ast.Tuple():
            return () if isinstance(parents[parent], ast.Return | ast.Subscript) else None
    if isinstance(parent, _PASSING):
        return parent
    return () if isinstance(parent, _USING) else None


def _behind_call(call: ast.Call, read: Read) -> _Found:
    """The same of an argument."""
    path, name = read.recorder.path(call.func), last_name(call.func)
    if path is None and isinstance(call.func, ast.Attribute):
        # A method of another tensor. One of the file may keep what it is given.
        return () if operator_of(f"torch.Tensor.{name}") is not None else None
    if name in (_ASKING if path is None else _MAKING):
        return ()
    return call if path is not None and path.startswith(_PURE) else None
