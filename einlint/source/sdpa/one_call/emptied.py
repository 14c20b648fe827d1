"""An `if` of which only the `else` stays: its test is inverted, or `pass` stands in its body."""

import ast
from collections.abc import Iterator, Set
from typing import Final

from einlint.diagnostics import Edit
from einlint.source.binder import BoundModule
from einlint.source.lines import LineIndex

_INVERTED: Final = {
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_SIGNS: Final = {ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in"}
_TIGHT = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)


def emptied(gone: Set[ast.stmt], bound: BoundModule) -> Iterator[ast.If]:
    """Each `if` whose body is gone as a whole, and whose `else` or `elif` is not."""
    for node in dict.fromkeys(bound.parents[each] for each in gone):
        if isinstance(node, ast.If) and node.orelse and node not in gone and gone >= {*node.body}:
            yield node


def is_elif(node: ast.If, lines: LineIndex) -> bool:
    """Whether an `elif` stands behind it, with whatever follows."""
    if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
        return False
    start, _ = lines.extent(node.orelse[0])
    return lines.text.startswith("elif", start)


def edits_for(node: ast.If, lines: LineIndex) -> tuple[Edit, ...]:
    """The edits that invert its test and take out its `else:`; none if it needs a `pass`.

    The other branch would have the comments of this one.
    """
    _, head = lines.extent(node.test)
    _, end = lines.extent(node.body[-1])
    behind, _ = lines.extent(node.orelse[0])
    is_split = lines.line_number(head) < lines.line_number(lines.extent(node.body[0])[0])
    start = lines.text.rfind("else", end, behind)
    between = lines.text[end:start], lines.text[start + len("else") : behind]
    is_plain = not between[0].strip() and between[1].strip() == ":" and "\n" in between[1]
    if is_elif(node, lines) or not is_split or not is_plain or "#" in lines.text[head:end]:
        return ()
    number = lines.line_number(start)
    taken = Edit(lines.starts[number - 1], lines.starts[number], "")
    return Edit(*_with_parentheses(node.test, lines), _inverted(node.test, lines)), taken


def _with_parentheses(test: ast.expr, lines: LineIndex) -> tuple[int, int]:
    """The extent of a test, with the parentheses that are all around it."""
    start, end = lines.extent(test)
    while True:
        before, after = lines.text[:start].rstrip(), lines.text[end:].lstrip()
        if not (before.endswith("(") and after.startswith(")")):
            return start, end
        start, end = len(before) - 1, len(lines.text) - len(after) + 1


def _inverted(test: ast.expr, lines: LineIndex) -> str:
    start, end = lines.extent(test)
    text = lines.text[start:end]
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            first, last = lines.extent(operand)
            return lines.text[first:last] if isinstance(operand, _TIGHT) else f"not ({text})"
        case ast.Compare(ops=[sign], comparators=[other]) if type(sign) in _INVERTED:
            at = lines.extent(test.left)[1]
            rest = lines.extent(other)[0]
            if lines.text[at:rest].split() == _SIGNS[type(sign)].split():
                return f"{lines.text[start:at]} {_INVERTED[type(sign)]} {lines.text[rest:end]}"
    return f"not {text}" if isinstance(test, _TIGHT) else f"not ({text})"
