"""Imports that fixes have left unused, and the edits that remove those of einsum."""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from einlint.diagnostics import Edit, UnusedImport
from einlint.source.ancestors import ancestors
from einlint.source.apis import APIS, api_of
from einlint.source.finder import ParsedFile
from einlint.source.import_text import without_name, without_statement
from einlint.source.scopes import ImportBinding, Scope, ScopeKind

_KEEPING: Final = ("__init__.py", ".ipynb")
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Import:
    """A name that `scope` binds once, by an import of the dotted `path`."""

    name: str
    path: str
    statement: ast.Import | ast.ImportFrom
    scope: Scope

    @property
    def alias(self) -> ast.alias:
        """The part of the statement that binds the name."""
        return next(each for each in self.statement.names if _bound_name(each) == self.name)


def unused_imports(before: ParsedFile, after: ParsedFile) -> tuple[UnusedImport, ...]:
    """The imports of `after` that only `before` used, in source order."""
    found = (
        UnusedImport(each.name, after.lines.extent(each.alias)[0])
        for each in _unused(before, after)
    )
    return tuple(sorted(found, key=lambda unused: unused.offset))


def removals(before: ParsedFile, after: ParsedFile) -> tuple[Edit, ...]:
    """Edits on `after` that remove imports of einsum, or of its module, which only `before` used.

    One edit per block: the text of the next edit depends on what is left of the block.
    """
    edits: dict[ast.AST, Edit] = {}
    for found in _unused(before, after):
        statement = found.statement
        block = after.bound.parents[statement]
        if (
            block not in edits
            and _is_for_einsum(found)
            and not _is_continued(statement, after)
            and not _stands_before_a_string(statement, after)
        ):
            edits[block] = _edit(found.alias, statement, after)
    return tuple(edits.values())


def _unused(before: ParsedFile, after: ParsedFile) -> list[_Import]:
    """The imports of `after` that only `before` used.

    Not those that other code may use: in `__init__.py`, in a notebook (its names stay in the
    kernel), in a class, as `einsum as einsum`, with a `noqa` or `einlint:` comment, if a string
    contains the name (`__all__`, getattr, eval, a doctest) or a global or nonlocal statement
    does, and inside `try` and `with`, where the import may test whether it works.
    """
    if before.source.filename.endswith(_KEEPING):
        return []
    # No fix removes a scope, so the scopes of both files correspond.
    scopes = dict(zip(after.bound.all_scopes, before.bound.all_scopes, strict=True))
    imports = [each for scope in scopes for each in _imports(scope)]
    used = _uses({each.name for each in imports}, after)
    imports = [each for each in imports if (each.name, each.scope) not in used]
    used = _uses({each.name for each in imports}, before)
    imports = [each for each in imports if (each.name, scopes[each.scope]) in used]
    if not imports:
        return []
    mentioned = _mentioned({each.name for each in imports}, after)
    return [each for each in imports if each.name not in mentioned and not _is_kept(each, after)]


def _imports(scope: Scope) -> Iterator[_Import]:
    if scope.kind is ScopeKind.CLASS:
        return
    for name, bindings in scope.bindings.items():
        match bindings:
            case [ImportBinding(path=path, statement=statement)]:
                yield _Import(name, path, statement, scope)


def _bound_name(alias: ast.alias) -> str:
    """The name that a part of an import binds; `import a.b` binds `a`."""
    return alias.asname or alias.name.partition(".")[0]


def _uses(names: Collection[str], parsed: ParsedFile) -> set[tuple[str, Scope]]:
    """The names that are read, each with the scopes that may own it there."""
    return {
        (node.id, owner)
        for node in parsed.bound.of_kind(ast.Name)
        if node.id in names and isinstance(node.ctx, ast.Load)
        for owner in parsed.bound.scopes[node].owners(node.id)
    }


def _mentioned(names: Collection[str], parsed: ParsedFile) -> set[str]:
    """The names in declarations and strings; of docstrings, only in those with doctests."""
    found = {name for scope in parsed.bound.all_scopes for name in scope.declarations}
    for node in parsed.bound.of_kind(ast.Constant):
        text = node.value
        if isinstance(text, str) and (">>>" in text or not _is_statement(node, parsed)):
            found.update(name for name in _WORD.findall(text) if name in names)
    return found


def _is_statement(node: ast.expr, parsed: ParsedFile) -> bool:
    return isinstance(parsed.bound.parents.get(node), ast.Expr)


def _is_kept(found: _Import, parsed: ParsedFile) -> bool:
    """Whether the import itself shows that it must stay."""
    statement = found.statement
    last = statement.end_lineno or statement.lineno
    return (
        found.alias.name == found.alias.asname
        or _is_guarded(statement, parsed)
        or any(
            word in parsed.lines.line(line).lower()
            for line in range(statement.lineno, last + 1)
            for word in ("noqa", "einlint:")
        )
    )


def _is_for_einsum(found: _Import) -> bool:
    """Whether it imports einsum or its module, and not a module inside of that."""
    if isinstance(found.statement, ast.Import):
        return found.alias.name in {api.module for api in APIS}
    return api_of(found.path) is not None


def _is_continued(statement: ast.stmt, parsed: ParsedFile) -> bool:
    above = statement.lineno - 1
    return above > 0 and parsed.lines.line(above).endswith("\\")


def _stands_before_a_string(statement: ast.stmt, parsed: ParsedFile) -> bool:
    """Whether a string follows that would become a docstring without the statement."""
    body = getattr(parsed.bound.parents[statement], "body", [])
    match body:
        case [first, ast.Expr(value=ast.Constant(value=str())), *_]:
            return first is statement
    return False


def _is_guarded(node: ast.AST, parsed: ParsedFile) -> bool:
    """Whether the statement is in a `try` or `with` of its own function or module."""
    for parent in ancestors(node, parsed.bound.parents):
        if isinstance(parent, (ast.Try, ast.TryStar, ast.ExceptHandler, ast.With, ast.AsyncWith)):
            return True
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
    return False


def _edit(alias: ast.alias, statement: ast.Import | ast.ImportFrom, parsed: ParsedFile) -> Edit:
    lines = parsed.lines
    if len(statement.names) == 1:
        start, end, content = without_statement(statement, parsed.bound, lines)
    else:
        position = statement.names.index(alias)
        start, end, content = *without_name(statement, position, lines), ""
    return Edit(start, end, content)
