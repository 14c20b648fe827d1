"""Imports of einsum that fixes have left without a use, and the edits that take them out."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from einlint.diagnostics import Edit
from einlint.source.ancestors import ancestors
from einlint.source.apis import api_of
from einlint.source.finder import ParsedFile
from einlint.source.import_text import without_name, without_statement
from einlint.source.scopes import ImportBinding, Scope, ScopeKind

_KEEPING: Final = ("__init__.py", ".ipynb")


@dataclass(frozen=True, slots=True)
class _Import:
    """A name that `scope` binds once, to an einsum that it imports from its module."""

    name: str
    statement: ast.ImportFrom
    scope: Scope


def removal(before: ParsedFile, after: ParsedFile) -> Edit | None:
    """The edit on `after` that removes one import of einsum which only `before` used.

    An import stays where it may be there for others: in `__init__.py`, in a notebook, whose names
    live on in the kernel, in a class, as `einsum as einsum`, where a `noqa` or an `einlint:`
    comment says so, where a string speaks of the name (`__all__`, getattr, eval, a doctest),
    where a global or nonlocal statement does, and inside `try` and `with`, which may be there to
    find out whether it works.
    """
    # A fix removes no scope, so that the scopes of both files correspond.
    pairs = zip(before.bound.all_scopes, after.bound.all_scopes, strict=True)
    if before.source.filename.endswith(_KEEPING):
        return None
    for scope_before, scope_after in pairs:
        for found in _einsum_imports(scope_after):
            was_used = _is_used(found.name, scope_before, before)
            if was_used and not _is_needed(found, after):
                return _edit(found, after)
    return None


def _einsum_imports(scope: Scope) -> Iterator[_Import]:
    for name, bindings in scope.bindings.items():
        match bindings:
            case [ImportBinding(path=path, statement=ast.ImportFrom() as statement)]:
                if api_of(path) is not None and scope.kind is not ScopeKind.CLASS:
                    yield _Import(name, statement, scope)


def _is_used(name: str, owner: Scope, parsed: ParsedFile) -> bool:
    return any(
        isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Load)
        and owner in scope.owners(name)
        for node, scope in parsed.bound.scopes.items()
    )


def _is_needed(found: _Import, parsed: ParsedFile) -> bool:
    name, statement = found.name, found.statement
    last = statement.end_lineno or statement.lineno
    is_continued = statement.lineno > 1 and parsed.lines.line(statement.lineno - 1).endswith("\\")
    return (
        is_continued
        or _stands_before_a_string(statement, parsed)
        or _is_used(name, found.scope, parsed)
        or _is_guarded(statement, parsed)
        or any(alias.name == alias.asname == name for alias in statement.names)
        or any(
            word in parsed.lines.line(row).lower()
            for row in range(statement.lineno, last + 1)
            for word in ("noqa", "einlint:")
        )
        or any(name in scope.declarations for scope in parsed.bound.all_scopes)
        or any(_speaks_of(node, name, parsed) for node in parsed.bound.scopes)
    )


def _stands_before_a_string(statement: ast.stmt, parsed: ParsedFile) -> bool:
    """Without the statement a string below it would become a docstring."""
    body = getattr(parsed.bound.parents[statement], "body", [])
    match body:
        case [first, ast.Expr(value=ast.Constant(value=str())), *_]:
            return first is statement
    return False


def _is_guarded(node: ast.AST, parsed: ParsedFile) -> bool:
    """Whether a `try` or `with` stands around the statement in its own function or module."""
    for parent in ancestors(node, parsed.bound.parents):
        if isinstance(parent, (ast.Try, ast.TryStar, ast.ExceptHandler, ast.With, ast.AsyncWith)):
            return True
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
    return False


def _speaks_of(node: ast.AST, name: str, parsed: ParsedFile) -> bool:
    """A string with the name in it; a docstring counts only if it is a doctest."""
    match node:
        case ast.Constant(value=str(text)) if re.search(rf"\b{re.escape(name)}\b", text):
            is_docstring = isinstance(parsed.bound.parents.get(node), ast.Expr)
            return not is_docstring or ">>>" in text
    return False


def _edit(found: _Import, parsed: ParsedFile) -> Edit:
    statement, lines = found.statement, parsed.lines
    if len(statement.names) == 1:
        start, end, content = without_statement(statement, parsed.bound, lines)
    else:
        position = [alias.asname or alias.name for alias in statement.names].index(found.name)
        start, end, content = *without_name(statement, position, lines), ""
    return Edit(start, end, content)
