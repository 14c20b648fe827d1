"""Attention where no table reads the steps, found by following the scores and the weights."""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from einlint.diagnostics import Description
from einlint.source.ancestors import enclosing_function
from einlint.source.attention.following.expressions import Followed
from einlint.source.attention.following.forms import PRODUCTS, Forms
from einlint.source.attention.following.known import Known
from einlint.source.attention.following.reader import Reader
from einlint.source.attention.fused_elsewhere import FusedElsewhere
from einlint.source.attention.other_libraries import has_torch
from einlint.source.binder import BoundModule, Function
from einlint.source.facts.attention_by_hand import AttentionByHand
from einlint.source.finder import ParsedFile

_SOFTMAX: Final = "softmax"
_CALLED: Final = re.compile(
    r"att(n|en)|dots|\bsim(ilarity)?\b|scores?\b|energy|affinity|align", re.IGNORECASE
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Span = tuple[int, int]


def followed(parsed: ParsedFile, read: Iterable[AttentionByHand]) -> Iterator[AttentionByHand]:
    """The attention that is not among what was read."""
    bound, known = parsed.bound, [*read]
    spans = _Spans(each for fact in known for each in fact.spans)
    forms = Forms(bound)
    softmaxes = [
        each for each in _softmaxes(bound, forms) if parsed.lines.extent(each) not in spans
    ]
    if not softmaxes or not has_torch(bound):
        return
    holders, multiplying = _around(softmaxes, bound), _around(_products(bound), bound)
    if not multiplying:
        return
    functions = Known(bound, {*holders, *multiplying})
    fused = FusedElsewhere.of(parsed)
    reader = Reader(forms, functions)
    softening, products = (
        {*each, *_callers(each, bound, functions)} for each in (holders, multiplying)
    )
    for function in bound.functions():
        if function in softening & products and not fused.speaks_for(function):
            with suppress(RecursionError):  # nested too deeply
                reader.function(function)
    reported = {each for fact in known for each in fact.products}
    for each in _nearest(reader.found, bound):
        extent = parsed.lines.extent(each.product)
        is_known = extent in reported or parsed.lines.extent(_softmax(each)) in spans
        if not is_known and _is_called(each, parsed):
            around = next(e for e in bound.around(each.product) if isinstance(e, _FUNCTIONS))
            if not fused.speaks_for(around):
                yield _fact(each, parsed)


def _callers(called: Iterable[Function], bound: BoundModule, known: Known) -> dict[Function, None]:
    """The functions that may call one of these, or the module that it belongs to."""
    functions = {*called}
    names = {each.name for each in functions} | known.holding(functions)
    return _around(bound.calls_of(names), bound)


class _Spans:
    """Parts of a text, to ask whether another one lies in them."""

    def __init__(self, spans: Iterable[_Span]) -> None:
        self._joined: list[_Span] = []
        for start, end in sorted(spans):
            if self._joined and start <= self._joined[-1][1]:
                self._joined[-1] = self._joined[-1][0], max(end, self._joined[-1][1])
            else:
                self._joined.append((start, end))

    def __contains__(self, span: _Span) -> bool:
        at = bisect_right(self._joined, (span[0], span[1] + 10**9)) - 1
        return at >= 0 and span[1] <= self._joined[at][1]


def _softmaxes(bound: BoundModule, forms: Forms) -> Iterator[ast.Call]:
    """The calls that may be a softmax."""
    for name, calls in bound.named(ast.Call).items():
        if _SOFTMAX in name.lower() or name in forms.softmaxes:
            for each in calls:
                parent = bound.parents[each]
                if name != "Softmax" or (isinstance(parent, ast.Call) and parent.func is each):
                    yield each


def _products(bound: BoundModule) -> Iterator[ast.AST]:
    yield from bound.calls_of(PRODUCTS)
    for each in bound.of_kind(ast.BinOp):
        if isinstance(each.op, ast.MatMult):
            yield each


def _around(nodes: Iterable[ast.AST], bound: BoundModule) -> dict[Function, None]:
    """The functions around nodes."""
    found: dict[Function, None] = {}
    for node in nodes:
        for each in bound.around(node):
            if isinstance(each, _FUNCTIONS):
                found[each] = None
    return found


def _nearest(found: Iterable[Followed], bound: BoundModule) -> Iterator[Followed]:
    """For each softmax the way that is read best; a helper's may be one of several attentions."""
    nearest: dict[tuple[ast.expr, Function], Followed] = {}
    for each in found:
        key = _softmax(each), each.root
        known = nearest.get(key)
        if known is None or (known.trace.odd is not None and each.trace.odd is None):
            nearest[key] = each
    homes = {softmax for softmax, root in nearest if root in bound.around(softmax)}
    products: dict[ast.expr, Followed] = {}
    for (softmax, root), each in nearest.items():
        if softmax not in homes or root in bound.around(softmax):
            products.setdefault(each.product, each)
    yield from products.values()


def _softmax(each: Followed) -> ast.expr:
    assert each.trace.softmax is not None
    return each.trace.softmax


def _is_called(each: Followed, parsed: ParsedFile) -> bool:
    """Whether it is called attention, or its scores or weights are called so."""
    nodes = (each.trace.product, _softmax(each), each.product)
    lines = {
        at for node in nodes for at in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    around = {enclosing_function(node, parsed.bound.parents) for node in nodes}
    return any(map(_CALLED.search, (*around, *map(parsed.lines.line, lines))))


def _fact(each: Followed, parsed: ParsedFile) -> AttentionByHand:
    """The finding, in the function that has the most of it."""
    lines, parents = parsed.lines, parsed.bound.parents
    softmax = _softmax(each)
    nodes = softmax, each.trace.product, each.product
    homes = [enclosing_function(node, parents) for node in nodes]
    own = homes[0]
    if homes[1] == homes[2] and nodes[1] is not nodes[2]:
        own = homes[1]
    here = [node for node, home in zip(nodes, homes, strict=True) if home == own]
    products = sorted(lines.extent(node) for node in here if node is not softmax)
    spans = sorted(map(lines.extent, here))
    return AttentionByHand(
        *(products or spans)[0],
        Description(function=own),
        tuple(spans),
        tuple(products),
        (_obstacle(each, own, parsed),),
    )


def _obstacle(each: Followed, own: str, parsed: ParsedFile) -> str:
    """What stands in the way: the first that is not read."""
    trace, parents = each.trace, parsed.bound.parents
    if trace.odd is not None:
        return trace.obstacle
    whats = (
        (trace.product, "the scores"),
        (_softmax(each), "the weights"),
        (each.product, "the result"),
    )
    for node, what in whats:
        other = enclosing_function(node, parents)
        if other != own:
            return f"`{other}` computes {what}"
    first, *_, last = sorted((trace.product.lineno, _softmax(each).lineno, each.product.lineno))
    where = f"line {first}" if first == last else f"the lines {first} to {last}"
    return f"einlint does not read all of {where}"
