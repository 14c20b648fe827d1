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

_JUMPS: Final = (ast.Return, ast.Break, ast.Continue)
_ELSEWHERE: Final = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.GeneratorExp),
    *(ast.Try, ast.TryStar, ast.With, ast.AsyncWith),
)


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
    gone = (*gone, replaced)
    taken = {each for node in gone for each in ast.walk(node)}
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
        is_lost = node not in taken and _name_read(node) in lost
        is_read = is_lost and _may_be(_value(node, read), made)
        if is_read and not _is_bound_again(node, gone, taken, read):
            raise UnwritableError(f"`{_name_read(node)}` would be read and not be bound")
    if lost and any(map(_reads_any_name, ast.walk(read.function))):
        raise UnwritableError("what is called may read names that would not be bound")
    for told in (each for by in read.function.decorator_list for each in ast.walk(by)):
        if isinstance(told, ast.Constant) and told.value in lost:
            raise UnwritableError(f"a decorator may read `{told.value}`, which would not be bound")
    for term in matched.terms:
        written = recorder.nodes.get(term)
        if isinstance(written, ast.expr) and written not in taken:
            raise UnwritableError("a statement that stays would compute a part of it for nobody")


def _is_bound_again(
    node: ast.AST, gone: Sequence[ast.AST], taken: set[ast.AST], read: Read
) -> bool:
    """Whether each block that loses the name binds it again before this place can be reached.

    `if a: s = q @ k.mT; s = s.softmax(-1) @ v` binds `s` as it did, for what is behind the branch.
    """
    bound = read.file.bound
    if not isinstance(node, ast.Name) or _is_elsewhere(node, read):
        return False
    for each in gone:
        if not any(_stores(inner, node.id) for inner in ast.walk(each)):
            continue
        if not isinstance(each, ast.stmt) or _is_elsewhere(each, read):
            return False
        end = _bound_behind(each, node.id, bound.parents[each], taken)
        if end is None or each.lineno <= node.lineno <= end:
            return False
    return True


def _is_elsewhere(node: ast.AST, read: Read) -> bool:
    """Whether it runs at another time, or where an error need not end the function."""
    for each in read.file.bound.around(node):
        if each is read.function:
            return False
        if isinstance(each, _ELSEWHERE):
            return True
    return True


def _bound_behind(
    statement: ast.stmt, name: str, parent: ast.AST, taken: set[ast.AST]
) -> int | None:
    """The last line of what binds a name again in the block of a statement, in any case."""
    block = next((each for each in _blocks(parent) if statement in each), [])
    for each in block[block.index(statement) + 1 :] if block else ():
        match each:
            case ast.Assign(targets=[ast.Name(id=target)]) if target == name:
                if each not in taken:
                    return each.end_lineno
        if any(isinstance(inner, _JUMPS) for inner in ast.walk(each)):
            return None
    return None


def _stores(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    return [getattr(node, each, None) or [] for each in ("body", "orelse")]


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
