"""The second reader of calls: libcst confirms what is about to be written, or offered in an editor.

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
from einlint.source.spans import ArgumentSpan, CallSpan, Span, is_inside, outermost


def calls_in(text: str) -> tuple[CallSpan, ...]:
    """Every call in the text of one expression, in source order; empty if libcst cannot read it."""
    if too_deep(text):  # its native parser overflows its stack on texts that nest far deeper
        return ()
    try:
        module = libcst.parse_module(f"({with_plain_newlines(text)})\n")
        positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
    except (libcst.ParserSyntaxError, RecursionError):
        return ()
    return _Places(text, positions).calls()


class _Places:
    """The places of the nodes of an expression; every node has one, so that no tree is walked."""

    def __init__(self, text: str, positions: Mapping[libcst.CSTNode, CodeSpan]) -> None:
        self._encoded = None if text.isascii() else text.encode()
        self._positions = positions

    def calls(self) -> tuple[CallSpan, ...]:
        """The calls in source order."""
        calls: list[libcst.Call] = []
        comments: list[Span] = []
        printing: list[Span] = []
        for node in self._positions:
            match node:
                case libcst.Call():
                    calls.append(node)
                case libcst.Comment():
                    comments.append(self._span(node))
                case libcst.FormattedStringExpression(equal=libcst.AssignEqual()):
                    printing.append(self._span(node))
        comments.sort(key=_start)
        fields = outermost(printing)
        found = [self._call(node, comments, fields) for node in calls]
        return tuple(sorted(found, key=lambda each: (each.span.start, -each.span.end)))

    def _call(
        self, node: libcst.Call, comments: Sequence[Span], printing: Sequence[Span]
    ) -> CallSpan:
        span = self._span(node)
        arguments = tuple(self._argument(argument.value) for argument in node.args)
        inside = (bisect_left(comments, at, key=_start) for at in (span.start, span.end))
        return CallSpan(span, arguments, tuple(comments[slice(*inside)]), is_inside(span, printing))

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


def _start(span: Span) -> int:
    return span.start
