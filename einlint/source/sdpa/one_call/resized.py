"""What asks scores that a fix takes away for something, written anew with query and key."""

import ast
from collections.abc import Mapping, Sequence

from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.of_scores.instead import new_triangle, text_instead
from einlint.source.sdpa.of_scores.sizes import asked
from einlint.source.sdpa.of_scores.unexpanded import (
    is_asked_whether_none,
    target_of,
    uses_behind,
)
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.texts import UnwritableError
from einlint.source.terms import Term


def sizes_rewritten(matched: Matched, read: Read, gone: Sequence[ast.stmt]) -> dict[ast.expr, str]:
    """The text of each such expression that stays.

    Raises:
        UnwritableError: no name stands for query or key, or a mask that is expanded to the scores
            is used for something else, too.
    """
    recorder = read.recorder
    taken = {each for node in (*gone, recorder.nodes[matched.product]) for each in ast.walk(node)}
    inside = {*matched.terms}
    found: dict[ast.expr, str] = {}
    for expansion, scores in recorder.asked.expanded.items():
        if scores in inside:
            _check_uses(expansion, taken, read)
    for node in ast.walk(read.function):
        if not isinstance(node, ast.expr) or node in taken:
            continue
        if node in recorder.asked.sizes:
            owner = asked(node)
            if isinstance(owner, ast.Name) and recorder.names.get(owner) in inside:
                texts = [_text(each, matched, read) for each in recorder.asked.sizes[node]]
                is_unpacked = isinstance(read.file.bound.parents[node], ast.Assign)
                text = ", ".join(texts)
                found[node] = text if is_unpacked or len(texts) == 1 else f"({text})"
        elif isinstance(node, ast.Name) and node in recorder.asked.lent:
            if recorder.asked.lent[node].scores in inside:
                found[node] = recorder.asked.lent[node].name
        elif recorder.asked.expanded.get(node) in inside:
            found[node] = text_instead(node, recorder.asked, read.file.lines, lambda _: None)
    found |= _new_triangles(taken, matched, read)
    inner = {each for node in found for each in ast.walk(node) if each is not node}
    return {node: text for node, text in found.items() if node not in inner}


def _check_uses(node: ast.expr, taken: set[ast.AST], read: Read) -> None:
    bound = read.file.bound
    for each in uses_behind(node, target_of(node, bound), bound):
        if each not in taken and not is_asked_whether_none(each, bound):
            raise UnwritableError("a mask that is expanded to the scores is used again")


def _new_triangles(taken: set[ast.AST], matched: Matched, read: Read) -> dict[ast.expr, str]:
    inside = {*matched.terms}
    return {
        node: _new_triangle(node, taken, matched, read)
        for node, triangle in read.recorder.asked.triangles.items()
        if triangle.scores in inside and node not in taken
    }


def _new_triangle(node: ast.expr, taken: set[ast.AST], matched: Matched, read: Read) -> str:
    """What makes it of query and key."""
    triangle, asked = read.recorder.asked.triangles[node], read.recorder.asked
    if not matched.is_upright:
        raise UnwritableError("a mask that is made like the scores lies on other axes than its own")
    for top in triangle.tops:
        _check_uses(top, taken, read)
    names = {term: name for name, term in _names(matched, read).items()}
    names |= {each.term: each.name for each in asked.lent.values()}
    text = new_triangle(node, asked, read.file.lines, names.get)
    if not text:
        raise UnwritableError("a mask that is made like the scores cannot be made without them")
    return text


def _names(matched: Matched, read: Read) -> Mapping[str, Term]:
    """What names stand for where the scores are computed."""
    place = read.recorder.places.get(matched.scores.base)
    if place is None:
        raise UnwritableError("the scores are computed by another function")
    return place.names


def _text(size: Term, matched: Matched, read: Read) -> str:
    names = _names(matched, read)
    of = size.operands[0]
    name = next((name for name, term in names.items() if term is of and "." not in name), None)
    if name is None:
        raise UnwritableError("the scores are asked for their shape")
    return f"{name}.shape[{size.detail}]"
