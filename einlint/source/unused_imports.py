"""Imports of einsum that fixes have left without a use, and the edits that take them out."""

import ast
from collections.abc import Iterator

from einlint.diagnostics import Edit
from einlint.source.apis import APIS
from einlint.source.finder import ParsedFile
from einlint.source.scopes import ImportBinding, Scope


def removals(before: ParsedFile, after: ParsedFile) -> list[Edit]:
    """Edits on `after` that remove the imports of einsum which only `before` used.

    An import stays where the module re-exports the name: in `__init__.py`, in `__all__` or any
    other string that is the name, as `einsum as einsum`, and where a `noqa` says that it is
    meant. It stays in a `try` too, which may be there to find out whether it works.
    """
    if before.source.filename.endswith("__init__.py"):
        return []
    edits = []
    for scope in dict.fromkeys(after.bound.scopes.values()):
        for name, statement in _einsum_imports(scope):
            if _uses(before, name) > _uses(after, name) and not _is_needed(
                name, scope, statement, after
            ):
                edits.append(_removal(name, statement, after))
    return edits


def _einsum_imports(scope: Scope) -> Iterator[tuple[str, ast.ImportFrom]]:
    """The names that this scope binds once, to an einsum that it imports from its module."""
    paths = frozenset().union(*(api.paths for api in APIS))
    for name, bindings in scope.bindings.items():
        match bindings:
            case [ImportBinding(path=path, statement=ast.ImportFrom() as statement)]:
                if path in paths:
                    yield name, statement


def _uses(parsed: ParsedFile, name: str, owner: Scope | None = None) -> int:
    """How often `name` is read; with `owner`, only where it is the name of that scope."""
    return sum(
        isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Load)
        and (owner is None or scope.owner(name) is owner)
        for node, scope in parsed.bound.scopes.items()
    )


def _is_needed(name: str, scope: Scope, statement: ast.ImportFrom, parsed: ParsedFile) -> bool:
    parent = parsed.bound.parents[statement]
    rows = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    return (
        _uses(parsed, name, scope) > 0
        or isinstance(parent, (ast.Try, ast.TryStar, ast.ExceptHandler))
        or any(alias.name == alias.asname == name for alias in statement.names)
        or any("noqa" in parsed.lines.line(row).lower() for row in rows)
        or any(_speaks_of(node, name) for node in parsed.bound.scopes)
    )


def _speaks_of(node: ast.AST, name: str) -> bool:
    """A string that is the name (`__all__`, getattr), or a doctest that may use it."""
    match node:
        case ast.Constant(value=str(text)):
            return text == name or (">>>" in text and name in text)
    return False


def _removal(name: str, statement: ast.ImportFrom, parsed: ParsedFile) -> Edit:
    if len(statement.names) == 1:
        start, end, content = _without_statement(statement, parsed)
    else:
        position = [alias.asname or alias.name for alias in statement.names].index(name)
        start, end = _without_alias(statement, position, parsed)
        content = ""
    return Edit(start, end, content, parsed.lines.range(start, end))


def _without_alias(statement: ast.ImportFrom, position: int, parsed: ParsedFile) -> tuple[int, int]:
    """The range of one of several names with the comma that belongs to it."""
    aliases = statement.names
    start, end = _place(aliases[position], parsed)
    row = aliases[position].lineno
    if parsed.lines.line(row).strip(" \t,") == parsed.source.text[start:end]:
        return _rows(row, row, parsed)
    if position + 1 < len(aliases):
        return start, _place(aliases[position + 1], parsed)[0]
    return _place(aliases[position - 1], parsed)[1], end


def _without_statement(statement: ast.ImportFrom, parsed: ParsedFile) -> tuple[int, int, str]:
    """The range of the statement, and what must stand there: `pass` in an empty block."""
    start, end = _place(statement, parsed)
    if _is_alone(statement, parsed):
        return start, end, "pass"
    last_row = statement.end_lineno or statement.lineno
    before = parsed.lines.line(statement.lineno)[: parsed.lines.position(start).column - 1]
    behind = parsed.lines.line(last_row)[parsed.lines.position(end).column - 1 :]
    if behind.lstrip().startswith(";"):
        rest = behind.lstrip()[1:].lstrip()
        return start, end + len(behind) - len(rest), ""
    if before.strip():
        return start - (len(before) - len(before.rstrip().rstrip(";"))), end, ""
    return *_rows(statement.lineno, last_row, parsed), ""


def _is_alone(statement: ast.stmt, parsed: ParsedFile) -> bool:
    """Whether the block that holds the statement would be empty without it."""
    parent = parsed.bound.parents[statement]
    blocks = (value for _, value in ast.iter_fields(parent) if isinstance(value, list))
    block = next(block for block in blocks if statement in block)
    return len(block) == 1 and not isinstance(parent, ast.Module)


def _rows(first: int, last: int, parsed: ParsedFile) -> tuple[int, int]:
    starts = parsed.lines.starts
    end = starts[last] if last < len(starts) else len(parsed.source.text)
    return starts[first - 1], end


def _place(node: ast.alias | ast.stmt, parsed: ParsedFile) -> tuple[int, int]:
    end_row, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    lines = parsed.lines
    return lines.offset(node.lineno, node.col_offset), lines.offset(end_row, end_column)
