"""Masks that are expanded to the shape of the scores, which broadcasting does without it."""

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from einlint.source.binder import BoundModule
from einlint.source.names import last_name
from einlint.source.operators import IN_PLACE
from einlint.source.sdpa.axes import VIEWS
from einlint.source.terms import CHOICE, PRODUCT, Term

_MOST_STEPS: Final = 40
# In the whole file; a search for each of more would take long.
_MOST_NAMES: Final = 300
_EITHER: Final = frozenset({"mul", "add"})
_COMPUTED: Final = ("div", "sub", "augmented", "masked_fill", "contiguous", "clone")
_OF_SCORES: Final = frozenset({*_COMPUTED, IN_PLACE, *VIEWS})
# Calls that take the scores and a mask.
_MASKING: Final = frozenset({"masked_fill", "masked_fill_", "where"})
# What does something to each element alone.
_EACH: Final = frozenset({"bool", "to", "float", "logical_not", "byte", "type_as", "contiguous"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
LOOPS = (ast.For, ast.AsyncFor, ast.While)


def unexpanded(
    node: ast.expr, names: Mapping[str, Term], bound: BoundModule
) -> tuple[ast.expr, Term] | None:
    """What is expanded to scores, and these; None if it is used for more than to mask them."""
    found = _expanded(node)
    scores = None if found is None else names.get(found[1].id)
    if found is None or scores is None or not _is_of_product(scores):
        return None
    base, name = found
    return (base, scores) if is_only_a_mask(node, name.id, bound) else None


def _expanded(node: ast.expr) -> tuple[ast.expr, ast.Name] | None:
    """What is expanded, and the name of what it is expanded to: `m.expand_as(s)`."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=base, attr="expand_as"), args=[ast.Name() as name], keywords=[]
        ):
            return base, name
        case ast.Call(func=ast.Attribute(value=base, attr="expand"), args=[size], keywords=[]):
            match size.value if isinstance(size, ast.Starred) else size:
                case (
                    ast.Attribute(value=ast.Name() as name, attr="shape")
                    | ast.Call(
                        func=ast.Attribute(value=ast.Name() as name, attr="size"),
                        args=[],
                        keywords=[],
                    )
                ):
                    return base, name
    return None


def _is_of_product(scores: Term) -> bool:
    """Whether it is made of a product, with the same axes."""
    pending = [scores]
    for _ in range(_MOST_STEPS):
        if not pending:
            break
        term = pending.pop()
        if term.operator == PRODUCT:
            return True
        if term.operator == CHOICE:
            pending += term.operands[1:]
        elif term.operator in _EITHER:
            pending += term.operands
        elif term.operator in _OF_SCORES:
            pending += term.operands[:1]
    return False


def is_only_a_mask(node: ast.expr, scores: str, bound: BoundModule) -> bool:
    """Whether all that is seen of an expression masks something, or is added to these scores."""
    target = _target(node, scores, bound)
    if target is None or not target:
        return target is not None
    if any(isinstance(each, LOOPS) for each in bound.around(node)):
        return False  # it is read in front of that, too
    if may_be_read_inside(node, target, bound):
        return False
    uses = tuple(uses_behind(node, target, bound))
    # What is masked there goes with the scores, or there is no fix.
    return all(is_asked_whether_none(e, bound) or _target(e, "", bound) == "" for e in uses)


def may_be_read_inside(node: ast.expr, name: str, bound: BoundModule) -> bool:
    """Whether a function within that of an expression may read a name of it."""
    if len(bound.named(ast.Name).get(name, ())) > _MOST_NAMES:
        return True
    scope = bound.scopes[node]
    home = next((each for each in bound.around(node) if isinstance(each, _FUNCTIONS)), bound.tree)
    others = (
        each for each in bound.named(ast.Name).get(name, ()) if bound.scopes[each] is not scope
    )
    return any(around is home for each in others for around in bound.around(each))


def uses_behind(node: ast.expr, name: str, bound: BoundModule) -> Iterator[ast.Name]:
    """Where a name is read behind an expression, or in a function inside of that of it."""
    scope = bound.scopes[node]
    end = node.end_lineno or node.lineno, node.end_col_offset or 0
    for each in bound.named(ast.Name).get(name, ()):
        if not isinstance(each.ctx, ast.Load):
            continue
        inside = bound.scopes[each]
        is_behind = (each.lineno, each.col_offset) > end
        if is_behind if inside is scope else inside.owner(name) is scope:
            yield each


def target_of(node: ast.expr, bound: BoundModule) -> str:
    """The name that is bound to what is computed of an expression; empty if it is used at once."""
    return _target(node, "", bound) or ""


def _target(node: ast.expr, scores: str, bound: BoundModule) -> str | None:
    """The name that it is bound to, empty if it masks something; None if something else is done.

    scores: the name of what it has to mask; empty for anything.
    """
    child: ast.AST = node
    for parent in bound.around(node):
        match parent:
            case ast.Assign(targets=[ast.Name(id=name)]):
                return name
            case _ if _masks(parent, child, scores):
                return ""
            case _ if not is_for_each(parent, child):
                return None
        child = parent
    return None


def _masks(parent: ast.AST, child: ast.AST, scores: str) -> bool:
    """Whether a part of an expression masks something, or is added to the scores."""
    match parent:
        case ast.Call(func=func, args=args) if func is not child:
            owner = func.value if isinstance(func, ast.Attribute) else None
            names = (each.id for each in (owner, *args) if isinstance(each, ast.Name))
            return last_name(func) in _MASKING and (not scores or scores in names)
        case ast.BinOp(left=one, op=ast.Add() | ast.Sub(), right=other):
            rest = other if one is child else one
            return isinstance(rest, ast.Name) and scores in ("", rest.id)
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub()):
            return scores in ("", name)
        case ast.Subscript(slice=index, ctx=ast.Store()):
            return index is child
    return False


def is_for_each(parent: ast.AST, child: ast.AST) -> bool:
    """Whether something is done to each element alone, or to no element at all."""
    match parent:
        case ast.UnaryOp(op=ast.Invert()) | ast.keyword():
            return True
        case ast.Compare(left=left, comparators=[ast.Constant()]):
            return left is child
        case ast.BinOp(left=one, op=ast.Mult(), right=other):
            return _is_number(other if one is child else one)
        case ast.Attribute(value=value, attr=name):
            return value is child and name in _EACH
        case ast.Call(func=func):
            return func is child
    return False


def _is_number(node: ast.expr) -> bool:
    match node:
        case ast.UnaryOp(operand=inner) | ast.Call(func=ast.Name(id="float"), args=[inner]):
            return _is_number(inner)
        case ast.Attribute(attr=name):
            return name == "inf"
    return isinstance(node, ast.Constant)


def is_asked_whether_none(node: ast.Name, bound: BoundModule) -> bool:
    """Whether nothing is asked but whether it is None."""
    match bound.parents.get(node):
        case ast.Compare(ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return True
        case ast.Call(func=func, args=[only]) if only is node:
            return last_name(func) == "exists"
    return False
