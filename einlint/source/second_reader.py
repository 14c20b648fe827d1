"""The second reader of calls: libcst confirms what is about to be written.

Only the text of one expression is parsed, never a file: libcst is slow, and printing its trees
loses bytes of some files, so only its positions are used. No other module imports libcst, and
this one is imported before an edit is written, and before Python 3.12 for f-strings.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import libcst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

from einlint.source.call_spans import too_deep
from einlint.source.expression_tokens import with_plain_newlines
from einlint.source.spans import ArgumentSpan, CallSpan, Span


def calls_in(text: str) -> tuple[CallSpan, ...]:
    """Every call in the text of one expression, in source order; empty if libcst cannot read it."""
    if too_deep(text):  # its native parser overflows its stack on texts that nest far deeper
        return ()
    try:
        module = libcst.parse_module(f"({with_plain_newlines(text)})\n")
        positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
        collector = _Collector(text, positions)
        module.visit(collector)
    except (libcst.ParserSyntaxError, RecursionError):
        return ()
    return collector.calls()


class _Collector(libcst.CSTVisitor):
    """Collects calls and comments in source order."""

    def __init__(self, text: str, positions: Mapping[libcst.CSTNode, CodeSpan]) -> None:
        super().__init__()
        self._encoded = None if text.isascii() else text.encode()
        self._positions = positions
        self._calls: list[CallSpan] = []
        self._comments: list[Span] = []
        self._printing = 0

    def visit_Call(self, node: libcst.Call) -> None:
        arguments = tuple(self._argument(argument.value) for argument in node.args)
        self._calls.append(CallSpan(self._span(node), arguments, (), bool(self._printing)))

    def visit_Comment(self, node: libcst.Comment) -> None:
        self._comments.append(self._span(node))

    def visit_FormattedStringExpression(self, node: libcst.FormattedStringExpression) -> None:
        self._printing += node.equal is not None

    def leave_FormattedStringExpression(
        self, original_node: libcst.FormattedStringExpression
    ) -> None:
        self._printing -= original_node.equal is not None

    def calls(self) -> tuple[CallSpan, ...]:
        if not self._comments:
            return tuple(self._calls)
        comments = sorted(self._comments)
        return tuple(call._replace(comments=_inside(call.span, comments)) for call in self._calls)

    def _argument(self, node: libcst.BaseExpression) -> ArgumentSpan:
        elements: tuple[Span, ...] = ()
        if isinstance(node, (libcst.List, libcst.Tuple)):
            elements = tuple(self._with_parentheses(each.value) for each in node.elements)
        return ArgumentSpan(self._with_parentheses(node), elements)

    def _with_parentheses(self, node: libcst.BaseExpression) -> Span:
        if not node.lpar:
            return self._span(node)
        return Span(self._span(node.lpar[0]).start, self._span(node.rpar[-1]).end)

    def _span(self, node: libcst.CSTNode) -> Span:
        position = self._positions[node]
        start = position.start - 1  # minus the parenthesis that call_spans adds
        return Span(self._character(start), self._character(start + position.length))

    def _character(self, byte: int) -> int:
        return byte if self._encoded is None else len(self._encoded[:byte].decode())


def _inside(span: Span, comments: Sequence[Span]) -> tuple[Span, ...]:
    """Those of the comments, which are in order, that a call holds."""
    first, last = (bisect_left(comments, at, key=_start) for at in (span.start, span.end))
    return tuple(comments[first:last])


def _start(span: Span) -> int:
    return span.start
