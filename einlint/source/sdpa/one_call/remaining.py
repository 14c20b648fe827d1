"""What stays of a function behind a fix: it must read no name that the fix takes away."""

import ast
from collections.abc import Sequence
from typing import Final

from einlint.source.operators import IN_PLACE
from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.texts import UnwritableError
from einlint.source.terms import CHOICE, FREE, Free, Term

_CHANGED: Final = frozenset({IN_PLACE, "augmented", "aliased"})


def check_what_stays(matched: Matched, read: Read, gone: Sequence[ast.AST]) -> None:
    """Look for what would be read and no longer be bound, or be computed for nobody.

    What the reading of terms does not follow, such as a name that is bound inside of an expression,
    is not followed here either: where a name may be read, it is.

    gone: the statements that the fix takes out, and the expressions that it replaces.

    Raises:
        UnwritableError: the fix would leave such a thing behind.
    """
    recorder = read.recorder
    replaced = recorder.nodes[matched.product]
    taken = {each for node in (*gone, replaced) for each in ast.walk(node)}
    lost = {
        each.id for each in taken if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    made = {
        term
        for node in taken
        if isinstance(node, ast.stmt)
        for term in recorder.results.get(node, ())
    }
    for node in ast.walk(read.function):
        if node not in taken and _name_read(node) in lost and _may_be(_value(node, read), made):
            raise UnwritableError(f"`{_name_read(node)}` would be read and not be bound")
    if lost and any(map(_reads_any_name, ast.walk(read.function))):
        raise UnwritableError("what is called may read names that would not be bound")
    for term in matched.terms:
        written = recorder.nodes.get(term)
        if isinstance(written, ast.expr) and written not in taken:
            raise UnwritableError("a statement that stays would compute a part of it for nobody")


def _name_read(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name, ctx=ast.Load() | ast.Del()):
            return name
        case ast.AugAssign(target=ast.Name(id=name)):
            return name
    return None


def _reads_any_name(node: ast.AST) -> bool:
    """Whether it calls what reads local names that are not written there."""
    match node:
        case ast.Call(func=ast.Name(id="eval" | "exec" | "locals")):
            return True
        case ast.Call(func=ast.Name(id="vars" | "dir"), args=[]):
            return True
    return False


def _value(node: ast.AST, read: Read) -> Term | None:
    """What a name stands for where it is read; None if that is not known."""
    if isinstance(node, ast.Name):
        return read.recorder.names.get(node)
    results = read.recorder.results.get(node) if isinstance(node, ast.stmt) else None
    return results[0].operands[0] if results and results[0].operands else None


def _may_be(term: Term | None, made: set[Term]) -> bool:
    """Whether it may be one of these values, or be made of one in place."""
    pending = [term]
    while pending:
        each = pending.pop()
        if each is None or each in made:
            return True
        if each.operator == FREE and getattr(each.detail, "group", None) is None:
            return isinstance(each.detail, Free)  # behind a loop, or bound in one branch only
        if each.operator == CHOICE:
            pending += each.operands[1:]
        elif each.operator in _CHANGED:
            pending += each.operands[:1]
    return False
