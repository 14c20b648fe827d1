"""The axes of an operand that are visibly 1 where nothing else of its shape is known.

`k.unsqueeze(1)` has axis 1 of size 1 whatever `k` is, once the equation tells how many axes
there are. That is read off the operand itself and the assignments that its name was last given
by. Nothing is proved by it, as einsum is what checks the number of axes; it only speaks against
a replacement.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from einlint.algebra.equation import ELLIPSIS, EquationError, parse
from einlint.algebra.sizes import Axis, Shape
from einlint.lines import LineIndex
from einlint.source.arguments import operand_nodes
from einlint.source.binder import BoundModule
from einlint.source.callsite import Arguments
from einlint.source.imports import dotted_path
from einlint.source.reaching import reaching_binding

# Axis -> the row that shows it.
Units: TypeAlias = Mapping[int, int]

_DEEPEST: Final = 20
# Looking up a name takes time for each of its bindings.
_MOST_BINDINGS: Final = 50
_LONGEST: Final = 60
_SAME: Final = (
    "contiguous clone detach to type type_as float half double bfloat16 cuda cpu softmax "
    "log_softmax relu gelu silu sigmoid tanh exp log sqrt rsqrt abs neg square normalize "
    "dropout requires_grad_ masked_fill clamp"
)
# How many arguments without a name are `dim` and `keepdim`, where it is not both.
_DIMS_FIRST: Final = {"std": 1, "var": 1, "norm": 0}
_REDUCED: Final = "sum mean amax amin prod logsumexp std var norm all any argmax argmin"


def with_visible_units(
    arguments: Arguments, call: ast.Call, bound: BoundModule, lines: LineIndex
) -> Arguments:
    """The arguments with these axes in the shapes that are not known."""
    try:
        terms = parse(arguments.equation or "").inputs
    except EquationError:
        return arguments
    nodes = operand_nodes(call, arguments)
    shapes = arguments.shapes or (None,) * len(nodes)
    if not len(nodes) == len(terms) == len(shapes):
        return arguments
    filled = tuple(
        _shape(node, len(term), bound, lines) if shape is None and ELLIPSIS not in term else shape
        for node, term, shape in zip(nodes, terms, shapes, strict=True)
    )
    return arguments if filled == shapes else replace(arguments, shapes=filled)


def _shape(node: ast.expr, rank: int, bound: BoundModule, lines: LineIndex) -> Shape | None:
    units = _Reader(bound).units(node, rank, 0)
    if not units:
        return None
    return tuple(
        Axis(1, _words(units[place], lines), units[place]) if place in units else Axis()
        for place in range(rank)
    )


def _words(row: int, lines: LineIndex) -> str:
    code = lines.line(row).strip()
    shown = code if len(code) <= _LONGEST else f"{code[: _LONGEST - 3]}..."
    return f"`{shown}` at {lines.row_in_words(row)}"


class _Reader:
    """Reads expressions of one file; `rank` is how many axes the expression has."""

    def __init__(self, bound: BoundModule) -> None:
        self._bound = bound

    def units(self, node: ast.expr, rank: int, depth: int) -> Units:
        if depth > _DEEPEST or rank < 0:
            return {}
        match node:
            case ast.Name():
                value = self._assigned(node)
                return {} if value is None else self.units(value, rank, depth + 1)
            case ast.Call(func=ast.Attribute(attr=name, value=owner)):
                path = dotted_path(node.func, self._bound.scopes[node])
                is_function = path is not None and path.startswith("torch.")
                given = node.args if is_function else [owner, *node.args]
                return self._called(name, given, node, rank, depth) if given else {}
            case ast.Attribute(attr="mT", value=owner) if rank >= 2:
                return _permuted(self.units(owner, rank, depth + 1), _swap(-2, -1, rank))
            case ast.Attribute(attr="T", value=owner) if rank == 2:
                return _permuted(self.units(owner, rank, depth + 1), [1, 0])
            case ast.Subscript(value=owner, slice=index):
                items = index.elts if isinstance(index, ast.Tuple) else [index]
                return self._indexed(owner, items, rank, depth)
            case ast.BinOp(left=tensor, right=ast.Constant()):
                return self.units(tensor, rank, depth + 1)
            case ast.BinOp(left=ast.Constant(), right=tensor):
                return self.units(tensor, rank, depth + 1)
        return {}

    def _assigned(self, node: ast.Name) -> ast.expr | None:
        owner = self._bound.scopes[node].owner(node.id)
        if owner is None or len(owner.bindings.get(node.id, ())) > _MOST_BINDINGS:
            return None
        match reaching_binding(node.id, node, self._bound):
            case ast.Assign(targets=[ast.Name()], value=value):
                return value
            case ast.AnnAssign(value=ast.expr() as value):
                return value
        return None

    def _called(
        self, name: str, given: Sequence[ast.expr], call: ast.Call, rank: int, depth: int
    ) -> Units:
        """What a method, or a function of torch, makes of its first argument."""
        tensor, *rest = given
        named = {each.arg: each.value for each in call.keywords}
        numbers = _integers(rest)
        if name in _SAME.split():
            return self.units(tensor, rank, depth + 1)
        if name == "unsqueeze":
            place = _integer(named.get("dim") or (rest[0] if rest else None))
            return {} if place is None else self._inserted(tensor, [place], call, rank, depth)
        if name in _REDUCED.split():
            places = _kept(rest[: _DIMS_FIRST.get(name, 2)], named)
            return self._added(tensor, places, call, rank, depth)
        if name in {"view", "reshape"}:
            sizes = _sequence(rest)
            is_whole = len(sizes) == rank and not any(isinstance(e, ast.Starred) for e in sizes)
            return {k: call.lineno for k, e in enumerate(sizes) if is_whole and _integer(e) == 1}
        if name in {"transpose", "swapaxes"} and len(numbers or ()) == 2 and numbers is not None:
            one, other = numbers
            is_fit = max(one, other) < rank and min(one, other) >= -rank
            order = _swap(one, other, rank) if is_fit else []
            return _permuted(self.units(tensor, rank, depth + 1), order)
        if name == "permute":
            axes = _integers(_sequence(rest)) or []
            order = [axis % rank for axis in axes] if rank else []
            is_whole = sorted(order) == list(range(rank))
            return _permuted(self.units(tensor, rank, depth + 1), order) if is_whole else {}
        if name == "narrow" and len(rest) == 3 and _integer(rest[2]) == 1:
            return self._added(tensor, _integers(rest[:1]) or [], call, rank, depth)
        return {}

    def _added(
        self, tensor: ast.expr, places: Sequence[int], call: ast.Call, rank: int, depth: int
    ) -> Units:
        new = {k % rank: call.lineno for k in places if -rank <= k < rank}
        return {**self.units(tensor, rank, depth + 1), **new}

    def _inserted(
        self, tensor: ast.expr, places: Sequence[int], node: ast.expr, rank: int, depth: int
    ) -> Units:
        """New axes at these places of the result, the tensor's own ones in between."""
        if any(not -rank <= place < rank for place in places):
            return {}
        new = {place % rank for place in places}
        inner = self.units(tensor, rank - len(new), depth + 1)
        kept = [place for place in range(rank) if place not in new]
        shown = {place: inner[at] for at, place in enumerate(kept) if at in inner}
        return {**shown, **dict.fromkeys(new, node.lineno)}

    def _indexed(self, owner: ast.expr, items: Sequence[ast.expr], rank: int, depth: int) -> Units:
        """`k[:, None]`, `k[..., None, :]`, `k[None]`, `k[:, :1]`, `k[0]`."""
        kinds = [_kind(item) for item in items]
        if None in kinds or kinds.count(ELLIPSIS) > 1:
            return {}
        if ELLIPSIS not in kinds:
            kinds.append(ELLIPSIS)
        hidden = rank - sum(kind not in {ELLIPSIS, "at"} for kind in kinds)
        if hidden < 0:
            return {}
        at = kinds.index(ELLIPSIS)
        kinds[at : at + 1] = [":"] * hidden
        inner = self.units(owner, sum(kind != "new" for kind in kinds), depth + 1)
        return dict(_taken(kinds, inner, owner.lineno))


def _kept(rest: Sequence[ast.expr], named: Mapping[str | None, ast.expr]) -> list[int]:
    """The axes of `x.mean(1, keepdim=True)` and its like: they stay, with size 1."""
    arguments = dict(zip(("dim", "keepdim"), rest, strict=False))
    keep = arguments.get("keepdim") or named.get("keepdim") or named.get("keepdims")
    dims = arguments.get("dim") or named.get("dim") or named.get("axis")
    if dims is None or not (isinstance(keep, ast.Constant) and keep.value is True):
        return []
    return _integers(_sequence([dims])) or []


def _taken(kinds: Sequence[str | None], inner: Units, row: int) -> Iterator[tuple[int, int]]:
    place = own = 0
    for kind in kinds:
        if kind in {"new", "one"}:
            yield place, row
        elif kind == ":" and own in inner:
            yield place, inner[own]
        place += kind != "at"
        own += kind != "new"


def _kind(item: ast.expr) -> str | None:
    """What one part of an index does to the axes; None where that is not plain."""
    match item:
        case ast.Slice(lower=None, upper=None, step=None):
            return ":"
        case ast.Slice(lower=None | ast.Constant(value=0), upper=ast.Constant(value=1), step=None):
            return "one"
        case ast.Slice(
            lower=ast.expr() as start,
            upper=ast.BinOp(left=stop, op=ast.Add(), right=ast.Constant(value=1)),
            step=None,
        ) if ast.dump(start) == ast.dump(stop):
            return "one"
        case ast.Slice() if _integer(item.lower) == -1 and item.upper is item.step is None:
            return "one"
        case ast.Slice():
            return "cut"
        case ast.Constant(value=None):
            return "new"
        case ast.Constant() if item.value is ...:
            return ELLIPSIS
    return "at" if _integer(item) is not None else None


def _sequence(nodes: Sequence[ast.expr]) -> Sequence[ast.expr]:
    """Arguments, or the one tuple or list that they are."""
    match nodes:
        case [ast.Tuple(elts=parts) | ast.List(elts=parts)]:
            return parts
    return nodes


def _integers(nodes: Sequence[ast.expr]) -> list[int] | None:
    numbers = [number for node in nodes if (number := _integer(node)) is not None]
    return numbers if len(numbers) == len(nodes) else None


def _integer(node: ast.expr | None) -> int | None:
    match node:
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return -number
    return None


def _swap(one: int, other: int, rank: int) -> list[int]:
    order = list(range(rank))
    order[one], order[other] = order[other], order[one]
    return order


def _permuted(units: Units, order: Sequence[int]) -> Units:
    return {place: units[own] for place, own in enumerate(order) if own in units}
