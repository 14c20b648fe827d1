"""What asks for the shape of scores that a fix takes away, written anew with query and key."""

import ast
from collections.abc import Sequence

from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.sizes import asked
from einlint.source.sdpa.texts import UnwritableError
from einlint.source.terms import Term


def sizes_rewritten(matched: Matched, read: Read, gone: Sequence[ast.stmt]) -> dict[ast.expr, str]:
    """The text of each such expression that stays.

    Raises:
        UnwritableError: no name stands for query or key.
    """
    recorder = read.recorder
    taken = {each for node in (*gone, recorder.nodes[matched.product]) for each in ast.walk(node)}
    inside = {*matched.terms}
    found: dict[ast.expr, str] = {}
    for node in ast.walk(read.function):
        if not isinstance(node, ast.expr) or node not in recorder.sizes or node in taken:
            continue
        owner = asked(node)
        if isinstance(owner, ast.Name) and recorder.names.get(owner) in inside:
            found[node] = ", ".join(_text(each, matched, read) for each in recorder.sizes[node])
    return found


def _text(size: Term, matched: Matched, read: Read) -> str:
    names = read.recorder.places[matched.scores.base].names
    of = size.operands[0]
    name = next((name for name, term in names.items() if term is of and "." not in name), None)
    if name is None:
        raise UnwritableError("the scores are asked for their shape")
    return f"{name}.shape[{size.detail}]"
