"""The text of what asked the scores for something, and asks for it without them."""

import ast
from collections.abc import Callable, Iterator

from einlint.source.lines import LineIndex
from einlint.source.sdpa.of_scores.asked import Asked
from einlint.source.sdpa.of_scores.sizes import asked as asked_of
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
        elif each in asked.triangles:
            assert isinstance(each, ast.Call)
            pending += [*each.args[1:], *each.keywords]
        elif isinstance(each, ast.expr) and _sizes_of_name(each, asked):
            pass
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
        elif isinstance(each, ast.expr) and (made := made_instead(each, asked, lines, name_of)):
            found.append((*lines.extent(each), made))
        elif isinstance(each, ast.Name) and each in asked.lent:
            name = name_of(asked.lent[each].term)
            if name is not None:
                found.append((*lines.extent(each), name))
    end = 0
    for first, last, text in sorted(found):
        if first >= end:  # what is asked within an expansion goes with it
            yield first, last, text
            end = last


def made_instead(
    node: ast.expr, asked: Asked, lines: LineIndex, name_of: Callable[[Term], str | None]
) -> str:
    """Lengths, or a triangle, of query and key; empty for all else, and without names of these."""
    if node in asked.triangles:
        return new_triangle(node, asked, lines, name_of)
    sizes = _sizes_of_name(node, asked)
    text = _lengths(sizes, name_of)
    return text if len(sizes) < 2 or not text else f"({text})"


def _lengths(sizes: tuple[Term, ...], name_of: Callable[[Term], str | None]) -> str:
    owners = [name_of(each.operands[0]) for each in sizes]
    if None in owners:
        return ""
    pairs = zip(owners, sizes, strict=True)
    return ", ".join(f"{owner}.shape[{size.detail}]" for owner, size in pairs)


def _sizes_of_name(node: ast.expr, asked: Asked) -> tuple[Term, ...]:
    """The lengths that a name is asked for, by query and key; none of anything else."""
    sizes = asked.sizes.get(node, ())
    return sizes if sizes and isinstance(asked_of(node), ast.Name) else ()


def new_triangle(
    node: ast.expr, asked: Asked, lines: LineIndex, name_of: Callable[[Term], str | None]
) -> str:
    """What makes it of query and key: `q.new_ones((q.shape[-2], k.shape[-2]), dtype=bool)`.

    Empty if no name stands for query or key, or its arguments are on several lines.
    """
    triangle = asked.triangles[node]
    assert isinstance(node, ast.Call)
    sizes = _lengths(triangle.sizes, name_of)
    told = [("", each) for each in node.args[1:]]
    told += [(f"{each.arg}=", each.value) for each in node.keywords]
    texts = [f"{name}{text_instead(each, asked, lines, name_of)}" for name, each in told]
    if not sizes or any("\n" in each for each in texts):
        return ""
    return f"{triangle.lender}.{triangle.maker}({', '.join([f'({sizes})', *texts])})"


def _expansion(node: ast.Call, lines: LineIndex) -> tuple[int, int]:
    """Where `.expand_as(scores)` stands, behind the parentheses around what is expanded."""
    assert isinstance(node.func, ast.Attribute)
    _, first = lines.extent(node.func.value)
    _, end = lines.extent(node)
    return lines.text.index(".", first), end
