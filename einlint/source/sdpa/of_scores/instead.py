"""The text of what asked the scores for something, and asks for it without them."""

import ast
from collections.abc import Callable, Iterator

from einlint.source.lines import LineIndex
from einlint.source.sdpa.of_scores.asked import Asked
from einlint.source.terms import Term


def kept(node: ast.expr, asked: Asked) -> Iterator[ast.AST]:
    """The nodes of an expression that stay: without the scores, and what is expanded to them."""
    pending: list[ast.AST] = [node]
    while pending:
        each = pending.pop()
        if each in asked.expanded:
            assert isinstance(each, ast.Call)
            assert isinstance(each.func, ast.Attribute)
            pending.append(each.func.value)
        elif each not in asked.lent:
            yield each
            pending += ast.iter_child_nodes(each)


def text_instead(
    node: ast.expr, asked: Asked, lines: LineIndex, name_of: Callable[[Term], str | None]
) -> str:
    """The text of an expression without what it asks of the scores.

    name_of: the name that stands for a term there; a term without one keeps the scores.
    """
    start, end = lines.extent(node)
    text = lines.text[start:end]
    for first, last, instead in reversed([*_replaced(node, asked, lines, name_of)]):
        text = text[: first - start] + instead + text[last - start :]
    return text


def _replaced(
    node: ast.expr, asked: Asked, lines: LineIndex, name_of: Callable[[Term], str | None]
) -> Iterator[tuple[int, int, str]]:
    """The places of its text that something else is written at, from left to right."""
    found: list[tuple[int, int, str]] = []
    for each in ast.walk(node):
        if each in asked.expanded:
            assert isinstance(each, ast.Call)
            found.append((*_expansion(each, lines), ""))
        elif isinstance(each, ast.Name) and each in asked.lent:
            name = name_of(asked.lent[each].term)
            if name is not None:
                found.append((*lines.extent(each), name))
    end = 0
    for first, last, text in sorted(found):
        if first >= end:  # what is asked within an expansion goes with it
            yield first, last, text
            end = last


def _expansion(node: ast.Call, lines: LineIndex) -> tuple[int, int]:
    """Where `.expand_as(scores)` stands, behind the parentheses around what is expanded."""
    assert isinstance(node.func, ast.Attribute)
    _, first = lines.extent(node.func.value)
    _, end = lines.extent(node)
    return lines.text.index(".", first), end
