"""`del` statements of names that a fix no longer binds, or reads behind them."""

import ast
from collections.abc import Iterable, Iterator, Sequence, Set

from einlint.diagnostics import Edit
from einlint.source.lines import LineIndex
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.texts import UnwritableError

_BODIES = ("body", "orelse", "finalbody")


def unneeded(
    gone: Iterable[ast.AST], named: Set[str], before: Set[ast.Delete], product: ast.stmt, read: Read
) -> Iterator[tuple[ast.Delete, tuple[ast.Name, ...]]]:
    """Each `del` that may not stay as it is, with the names that it must not delete.

    A name that is bound all the same, as in another branch, is bound for longer then.

    gone: the statements that the fix takes out. named: what the call reads. before: those in front
        of the call.
    """
    stored = {
        each.id
        for statement in gone
        for each in ast.walk(statement)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    for node in ast.walk(read.function):
        if not isinstance(node, ast.Delete):
            continue
        lost = stored - {*_bound_in_front(node, product, read)}
        not_yet = named if node in before else frozenset()
        names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
        found = tuple(each for each in names if each.id in lost or each.id in not_yet)
        if found:
            yield node, found


def _bound_in_front(node: ast.Delete, product: ast.stmt, read: Read) -> Iterator[str]:
    """The names that the statement of the call binds, in front of a `del` in the same block."""
    match product:
        case ast.Assign(targets=[ast.Name(id=name)]):
            parent = read.file.bound.parents[product]
            blocks = (getattr(parent, each, None) for each in _BODIES)
            for block in blocks:
                if isinstance(block, list) and product in block and node in block:
                    yield from [name] if block.index(product) < block.index(node) else []


def shortened(node: ast.Delete, names: Sequence[ast.Name], lines: LineIndex) -> tuple[Edit, ...]:
    """The edit that leaves these names out; none if no name is left.

    Raises:
        UnwritableError: something else than names is deleted, or a comment stands among them.
    """
    if {*node.targets} <= {*names}:
        return ()
    start, end = lines.extent(node)
    if "#" in lines.text[start:end] or not all(isinstance(each, ast.Name) for each in node.targets):
        raise UnwritableError("a name that nobody needs any longer is deleted")
    kept = [each.id for each in node.targets if isinstance(each, ast.Name) and each not in names]
    return (Edit(start, end, f"del {', '.join(kept)}"),)
