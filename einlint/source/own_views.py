"""The views that an operand's text ends in: `k` and `.transpose(1, 2)` of `k.transpose(1, 2)`."""

import ast
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from einlint.algebra.einops_pattern import permutation_of
from einlint.algebra.views import MOVEDIM, PERMUTE, REARRANGE, SQUEEZE, TRANSPOSE, TURN, View
from einlint.rewriting.dialects.text import Text
from einlint.source.imports import dotted_path
from einlint.source.operands import operand_text
from einlint.source.parsing import expression_of
from einlint.source.scopes import Scope

# Longer chains of views are not looked into.
_MOST_VIEWS: Final = 4
# The names of the arguments of every view, as methods have them.
_PARAMETERS: Final = {
    "transpose": (TRANSPOSE, ("dim0", "dim1")),
    "swapaxes": (TRANSPOSE, ("axis0", "axis1")),
    "swapdims": (TRANSPOSE, ("dim0", "dim1")),
    "movedim": (MOVEDIM, ("source", "destination")),
    "moveaxis": (MOVEDIM, ("source", "destination")),
    "squeeze": (SQUEEZE, ("dim",)),
    "t": (TURN, ()),
}
_ATTRIBUTES: Final = {"T": View(TURN), "mT": View(TRANSPOSE, (-2, -1))}
_OWN: Final = frozenset({"self", "cls"})


class OwnView(NamedTuple):
    """The last view of a text, and the text of what it is applied to."""

    view: View
    base: Text


def own_views(node: ast.expr, source: str, scope: Scope) -> tuple[OwnView, ...]:
    """The views that an operand ends in, the last one first, as far as no comment would be lost."""
    return tuple(_own_views(node, source, scope))


def _own_views(node: ast.expr, source: str, scope: Scope) -> Iterator[OwnView]:
    for _ in range(_MOST_VIEWS):
        if _view_of(node, scope) is None:
            return
        # Parsed again for the places of its parts: those of an f-string have none in the file.
        tree = expression_of(f"({source}\n)")
        found = _view_of(tree, scope)
        if found is None:
            return
        view, node = found
        start, end = _place_of_base(tree, node, source)
        left_out = source[:start] + source[end:]
        if "#" in left_out:
            return
        source = source[start:end]
        yield OwnView(view, operand_text(node, source))


def _view_of(node: ast.expr, scope: Scope) -> tuple[View, ast.expr] | None:
    """The view that an expression ends in, and what it is applied to."""
    match node:
        case ast.Attribute(value=base, attr="T" | "mT" as name) if _is_method(node, scope):
            return _ATTRIBUTES[name], base
        case ast.Call(func=function, args=[base, ast.Constant(value=str() as text)], keywords=[]):
            if dotted_path(function, scope) != "einops.rearrange":
                return None
            order = permutation_of(text)
            return None if order is None else (View(REARRANGE, order), base)
        case ast.Call(func=ast.Attribute(value=base, attr=name), args=given):
            if dotted_path(node.func, scope) == f"torch.{name}" and given:
                base, given = given[0], given[1:]
                if name == "permute" and len(given) != 1:
                    return None  # only the method takes the axes one by one
            elif not _is_method(node.func, scope):
                return None
            view = _called(name, given, node.keywords)
            return None if view is None or isinstance(base, ast.Starred) else (view, base)
    return None


def _is_method(function: ast.expr, scope: Scope) -> bool:
    """Whether an attribute is torch's if its owner is a tensor, and the owner may be one."""
    assert isinstance(function, ast.Attribute)
    owner = function.value
    is_own = isinstance(owner, ast.Name) and owner.id in _OWN
    is_defined = function.attr in scope.module().methods
    return not is_own and not is_defined and dotted_path(function, scope) is None


def _called(name: str, given: Sequence[ast.expr], named: Sequence[ast.keyword]) -> View | None:
    if name == "permute" and not named:
        match given:
            case [ast.Tuple(elts=given) | ast.List(elts=given)]:
                pass
        order = _integers(given) or ()
        count = len(order)
        places = sorted(axis + count if axis < 0 else axis for axis in order)
        return View(PERMUTE, order) if order and places == list(range(count)) else None
    if name not in _PARAMETERS:
        return None
    view, parameters = _PARAMETERS[name]
    names = tuple(each.arg for each in named)
    if len(given) > len(parameters) or names != parameters[len(given) :]:
        return None
    axes = _integers([*given, *(each.value for each in named)])
    return None if axes is None else View(view, axes)


def _integers(nodes: Sequence[ast.expr]) -> tuple[int, ...] | None:
    numbers: list[int] = []
    for node in nodes:
        match node:
            case ast.Constant(value=int() as number) if not isinstance(number, bool):
                numbers.append(number)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
                numbers.append(-number)
            case _:
                return None
    return tuple(numbers)


def _place_of_base(tree: ast.expr, base: ast.expr, source: str) -> tuple[int, int]:
    """Where the base stands in the text; a receiver of a method with its parentheses."""
    start, end = _offset(base.lineno, base.col_offset, source), _end(base, source)
    is_argument = isinstance(tree, ast.Call) and base in tree.args
    if is_argument:
        return start, end
    while source[end] in ") \t\f\\\r\n":
        end += 1
    stop = len(source[:end].rstrip(" \t\f\\\r\n"))
    return _offset(tree.lineno, tree.col_offset, source), stop


def _end(node: ast.expr, source: str) -> int:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return _offset(node.end_lineno, node.end_col_offset, source)


def _offset(row: int, column: int, source: str) -> int:
    """The offset in the text of a place that Python found behind a parenthesis; in UTF-8."""
    lines = source.encode().splitlines(keepends=True)
    before = b"".join(lines[: row - 1])
    within = column - 1 if row == 1 else column
    return len((before + lines[row - 1][:within]).decode())
