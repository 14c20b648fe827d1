"""The exact places of a call's arguments, parentheses and comments, from libcst.

Only the text of one expression is parsed, never a file: libcst is slow, and printing its trees
loses bytes of some files, so only its positions are used. No other module imports libcst, and
this one is imported when the first einsum call is found.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import libcst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

from einlint.source.spans import ArgumentSpan, CallSpan, Span

# libcst's native parser overflows its stack on texts that nest far deeper.
_DEEPEST_NESTING: Final = 100
_OPENING, _CLOSING = "([{", ")]}"

# Line ends become LF for libcst, one character for one, so that offsets stay the same.
_CONTINUED_CRLF: Final = re.compile(r"\\\r\n")
_CRLF: Final = re.compile(r"\r\n")


def call_spans(text: str) -> tuple[CallSpan, ...]:
    """Every call in the text of one expression, in source order; empty if libcst cannot read it."""
    if _nesting(text) > _DEEPEST_NESTING:
        return ()
    try:
        module = libcst.parse_module(f"({_with_plain_newlines(text)})\n")
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
        return tuple(replace(call, comments=self._inside(call.span)) for call in self._calls)

    def _inside(self, span: Span) -> tuple[Span, ...]:
        return tuple(comment for comment in self._comments if span.holds(comment))

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


def _with_plain_newlines(text: str) -> str:
    text = _CRLF.sub(" \n", _CONTINUED_CRLF.sub(" \\\n", text))
    return text.replace("\r", "\n").replace("\f", " ")


def _nesting(text: str) -> int:
    """An upper bound on how deep the brackets nest: those in strings count too."""
    depth = deepest = 0
    for character in text:
        if character in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif character in _CLOSING:
            depth -= 1
    return deepest
