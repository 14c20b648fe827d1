"""Whether both readers of calls, ours and libcst, agree about a text that an edit rests on."""

import ast
from collections.abc import Iterator
from typing import Final

from einlint.source.lines import LineIndex
from einlint.source.parsing import expression_of
from einlint.source.read_calls import ReadCalls, is_formatted_string
from einlint.source.spans import CallSpan

# As many terms has a sum, and half as many methods a chain, of which a fix is written.
_MOST_LEVELS: Final = 1000


def readers_agree(text: str) -> bool:
    """Whether libcst finds the same parts in every call of an expression.

    So they do where libcst cannot be imported, as in a browser, and where the text is no
    expression: then no edit rests on the parts of a call as a whole. Of sums of thousands of terms,
    and the like, nothing is known.
    """
    try:
        from einlint.source.second_reader import calls_in
    except ImportError:
        return True
    wrapped = f"({text}\n)"
    try:
        tree = expression_of(wrapped)
        expected = list(_calls_in(tree, wrapped))
    except SyntaxError:
        return True
    except (ValueError, RecursionError, MemoryError):
        return False
    if not expected:
        return True
    if not _is_flat(tree):
        return False
    found = set(calls_in(text))
    return all(each in found for each in expected)


def _calls_in(tree: ast.expr, wrapped: str) -> Iterator[CallSpan | None]:
    """All calls but those in f-strings before Python 3.12, which libcst alone can read."""
    pending: list[ast.AST] = [tree]
    read = ReadCalls(LineIndex.of(wrapped))
    while pending:
        node = pending.pop()
        if is_formatted_string(node):
            yield from (each.moved(-1) for each in read.calls_in_string(node))
            continue
        if isinstance(node, ast.Call):
            found = read.call(node)
            yield None if found is None else found.moved(-1)
        pending += ast.iter_child_nodes(node)


def _is_flat(tree: ast.expr) -> bool:
    """Whether the tree has few levels: the time of libcst grows with the square of their number."""
    level: list[ast.AST] = [tree]
    for _ in range(_MOST_LEVELS):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return True
    return False
