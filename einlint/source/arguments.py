"""The arguments of an einsum call: equation and operands, in every form that torch accepts."""

import ast
import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from einlint.algebra.equation import ARROW
from einlint.algebra.sublists import SublistError, equation_of_sublists
from einlint.algebra.views import View
from einlint.diagnostics import Unjudged
from einlint.rewriting.assumptions import PURE_OPERANDS, Evidence
from einlint.rewriting.dialects.text import Text
from einlint.source.callsite import Arguments
from einlint.source.equations import Equations, agreed
from einlint.source.literals import holds_a_list, sublist
from einlint.source.operands import operand_text, order_does_not_matter
from einlint.source.own_views import own_views
from einlint.source.scopes import Scope
from einlint.source.spans import CallSpan, Span

# One plain string token without escapes: the text between its quotes is its value.
_PLAIN_STRING: Final = re.compile(r"""[rRuU]?(?P<quotes>'''|\"""|'|")[^\\]*(?P=quotes)""")

_KEYWORDS: Final = "the call passes keyword arguments"
_UNPACKED: Final = "the operands are unpacked from an iterable"
_ONE_LIST: Final = "it passes one argument: a list of all operands, or one is missing"
_PRINTED: Final = "the f-string prints the text of the call itself"
_UNREADABLE: Final = "the call is nested too deeply, or stands twice in one f-string"


class _Operands(NamedTuple):
    """The operand expressions, and their places if libcst could read the call."""

    nodes: tuple[ast.expr, ...]
    spans: tuple[Span, ...]


def read_arguments(
    call: ast.Call,
    equations: Equations,
    span: CallSpan | None,
    text: str,
    tensors: Collection[ast.expr] = (),
) -> Arguments:
    """Read the arguments of a call.

    Args:
        call: the call, with the equation among its arguments.
        equations: reads the equation.
        span: the places of its parts in `text`; None if unknown.
        text: the file's text.
        tensors: the operands that surely are no lists.
    """
    if not call.args:
        return Arguments(unjudged=Unjudged.NOT_LITERAL)
    first = call.args[0]
    scope, texts = equations.bound.scopes[call.func], equations.texts(first)
    if not texts:
        return _with_sublists(call, scope, span, text)
    equation = agreed(texts)
    if equation is None:
        return Arguments(unjudged=Unjudged.SEVERAL)
    known = Arguments(
        equation,
        _equation_end(first, span, text),
        is_overridable=equations.is_overridable(first),
    )
    if call.keywords:
        return known._replace(obstacle=_KEYWORDS)
    operands = _operands(call.args[1:], span)
    if operands is None:
        return known._replace(obstacle=_UNPACKED)
    is_list = _may_be_list(operands.nodes, call, equation, scope)
    if is_list and not all(each in tensors for each in operands.nodes):
        return known._replace(obstacle=_ONE_LIST)
    return _with_operands(known, operands, scope, span, text)


def operand_nodes(call: ast.Call, read: Arguments) -> Sequence[ast.expr]:
    """The expressions of the operands in the order of evaluation."""
    if read.operand_count is None:
        return ()
    match call.args[1:]:
        case [ast.List(elts=nodes) | ast.Tuple(elts=nodes)] if read.operand_count == len(nodes):
            return nodes
        case nodes if len(nodes) == read.operand_count:
            return nodes
    return call.args[: 2 * read.operand_count : 2]


def _with_sublists(call: ast.Call, scope: Scope, span: CallSpan | None, text: str) -> Arguments:
    """The form `einsum(a, [0, 1], b, [1, 2], [0, 2])`; an odd last list is the output."""
    nodes = call.args
    lists = [sublist(node) for node in nodes[1::2]]
    output = sublist(nodes[-1]) if len(nodes) % 2 else None
    inputs = [each for each in lists if each is not None]
    is_open = any(isinstance(node, ast.Starred) for node in nodes)
    has_output = len(nodes) % 2 == 0 or output is not None
    if is_open or len(nodes) < 2 or len(inputs) < len(lists) or not has_output:
        return Arguments(unjudged=Unjudged.NOT_LITERAL)
    try:
        equation = equation_of_sublists(inputs, output)
    except SublistError as error:
        return Arguments(sublist_fault=str(error))
    known = Arguments(equation)
    if call.keywords:
        return known._replace(obstacle=_KEYWORDS)
    spans = tuple(each.span for each in span.arguments[: 2 * len(inputs) : 2]) if span else ()
    operands = _Operands(tuple(nodes[: 2 * len(inputs) : 2]), spans)
    return _with_operands(known, operands, scope, span, text)


def _operands(nodes: Sequence[ast.expr], span: CallSpan | None) -> _Operands | None:
    """The operands after the equation: arguments, or one list or tuple; None if unpacked."""
    arguments = span.arguments[1:] if span else ()
    spans = tuple(argument.span for argument in arguments)
    if len(nodes) == 1 and isinstance(nodes[0], (ast.List, ast.Tuple)):
        spans = arguments[0].elements if arguments else ()
        nodes = nodes[0].elts
    if any(isinstance(node, ast.Starred) for node in nodes):
        return None
    return _Operands(tuple(nodes), spans)


def _may_be_list(nodes: Sequence[ast.expr], call: ast.Call, equation: str, scope: Scope) -> bool:
    """Whether a single argument may be a list of all operands; for two terms it must be one.

    torch also accepts a list that contains only that list.
    """
    has_terms = nodes == tuple(call.args[1:]) and "," in equation.partition(ARROW)[0]
    return len(nodes) == 1 and (has_terms or holds_a_list(nodes[0], scope))


def _with_operands(
    known: Arguments, operands: _Operands, scope: Scope, span: CallSpan | None, text: str
) -> Arguments:
    known = known._replace(operand_count=len(operands.nodes))
    if span is None:
        return known._replace(obstacle=_UNREADABLE)
    if span.is_printed:
        return known._replace(obstacle=_PRINTED)
    outside = (
        comment
        for comment in span.comments
        if not any(operand.holds(comment) for operand in operands.spans)
    )
    texts, views = _texts(operands, scope, text)
    return known._replace(
        operands=texts,
        views=views,
        comments=tuple(comment.of(text).rstrip() for comment in outside),
        evidence=_evidence(operands, scope),
    )


def _texts(
    operands: _Operands, scope: Scope, text: str
) -> tuple[tuple[Text, ...], tuple[tuple[View, ...], ...]]:
    """The texts of the operands, and the views that they end in."""
    sources = [span.of(text) for span in operands.spans]
    pairs = tuple(zip(operands.nodes, sources, strict=True))
    views = [own_views(node, source, scope) for node, source in pairs]
    texts = tuple(
        operand_text(node, source)._replace(bases=tuple(each.base for each in own))
        for (node, source), own in zip(pairs, views, strict=True)
    )
    return texts, tuple(tuple(each.view for each in own) for own in views)


def _evidence(operands: _Operands, scope: Scope) -> dict[str, Evidence]:
    reason = order_does_not_matter(operands.nodes, scope) if operands.nodes else None
    return {} if reason is None else {PURE_OPERANDS: Evidence(reason, operands.spans[0].start)}


def _equation_end(node: ast.expr, span: CallSpan | None, text: str) -> int | None:
    if span is None or span.is_printed or not isinstance(node, ast.Constant):
        return None
    place = span.arguments[0].span
    match = _PLAIN_STRING.fullmatch(place.of(text))
    return place.end - len(match["quotes"]) if match else None
