"""The comments that speak of the shapes of a call's operands: hints, which prove nothing."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from einlint.algebra.equation import Subscripts
from einlint.source.binder import BoundModule
from einlint.source.lines import LineIndex
from einlint.source.names import last_name
from einlint.source.reaching import reaching_binding
from einlint.source.shape_words import shapes_in
from einlint.source.worded_axes import Axes

_Assignment: TypeAlias = ast.Assign | ast.AnnAssign | ast.AugAssign
# What follows a parameter or an argument that has its row for itself.
_BEHIND: Final = re.compile(r"""\s*(?:=[^,()#'"]*)?,?\s*(?P<comment>#.*)""")
# Functions whose results are of one shape.
_ALIKE: Final = frozenset({"map", "chunk", "unbind"})


@dataclass(frozen=True, slots=True)
class CommentedShape:
    """The axes that a comment gives to the operand `name`, and the row of the comment."""

    name: str
    axes: Axes
    row: int


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment about `count` tensors, of which the operand is the one at `position`.

    is_alike: they are of one shape.
    """

    text: str
    row: int
    position: int = 0
    count: int = 1
    is_alike: bool = False

    def axes(self, name: str) -> Axes | None:
        """What it says of the operand."""
        shapes = shapes_in(self.text, name)
        if len(shapes) == self.count:
            return shapes[self.position]
        return shapes[0] if len(shapes) == 1 and self.is_alike else None


@dataclass(frozen=True, slots=True, eq=False)
class ShapeComments:
    """Where comments may speak of the operands of a call; nothing is read before it is asked for.

    The tree tells what is a comment: nothing else stands behind the end of a statement.
    nodes: the operands; none where it is not known which rows they are on.
    """

    call: ast.Call
    nodes: tuple[ast.expr, ...]
    bound: BoundModule
    lines: LineIndex

    def shapes(self, terms: Sequence[Subscripts]) -> tuple[CommentedShape | None, ...]:
        """What is said of each operand that is a name, if an operand with its term can be so.

        The comment stands on a row that the operand has for itself, or beside or above the last
        statement before the call that binds the name, or on the parameter's own row.
        """
        return tuple(
            self._shape(node, term) if isinstance(node, ast.Name) else None
            for node, term in zip(self.nodes, terms, strict=False)
        )

    def _shape(self, node: ast.Name, term: Subscripts) -> CommentedShape | None:
        for comment in self._about(node):
            axes = comment.axes(node.id)
            if axes is not None and axes.fit(term):
                return CommentedShape(node.id, axes, comment.row)
        return None

    def _about(self, node: ast.Name) -> Iterator[_Comment]:
        yield from self._on_own_row(node)
        binding = reaching_binding(node.id, self.call, self.bound)
        if binding is None or not self._is_one_cell(binding.lineno, self.call.lineno):
            return
        if isinstance(binding, ast.arg):
            yield from self._on_own_row(binding)
        elif isinstance(binding, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            for position, count in _positions(binding, node.id):
                for text, row in (*self._beside(binding), *self._above(binding)):
                    yield _Comment(text, row, position, count, _is_alike(binding.value))

    def _on_own_row(self, node: ast.Name | ast.arg) -> Iterator[_Comment]:
        """The comment behind a parameter or an argument that has its row for itself."""
        start, end = self.lines.extent(node)
        behind = _BEHIND.match(self.lines.text, end, self.lines.end(node.lineno))
        if behind and not self.lines.text[self.lines.starts[node.lineno - 1] : start].strip():
            yield _Comment(behind["comment"], node.lineno)

    def _beside(self, statement: _Assignment) -> Iterator[tuple[str, int]]:
        """The comment behind the end of a statement, and its row."""
        row, (_, end) = statement.end_lineno or statement.lineno, self.lines.extent(statement)
        text = self.lines.text[end : self.lines.end(row)].lstrip()
        if text.startswith("#"):
            yield text, row

    def _above(self, statement: _Assignment) -> Iterator[tuple[str, int]]:
        """The comment on the row above a statement, as far indented as that, and its row."""
        row = statement.lineno - 1
        if row == 0 or not self._is_one_cell(row, statement.lineno):
            return
        line = self.lines.line(row)
        is_string = line.endswith(("'", '"'))
        if line.find("#") == statement.col_offset and line.lstrip()[0] == "#" and not is_string:
            yield line.lstrip(), row

    def _is_one_cell(self, row: int, other: int) -> bool:
        return self.lines.place_of_row(row).cell == self.lines.place_of_row(other).cell


def _positions(statement: _Assignment, name: str) -> Iterator[tuple[int, int]]:
    """Where a statement binds the name: its position among the names that are bound together."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        names = [each.id if isinstance(each, ast.Name) else None for each in parts]
        if name in names and not any(isinstance(each, ast.Starred) for each in parts):
            yield names.index(name), len(names)


def _is_alike(value: ast.expr | None) -> bool:
    """Whether all that the value is unpacked into is of one shape."""
    if isinstance(value, ast.Call):
        return last_name(value.func) in _ALIKE
    return isinstance(value, (ast.ListComp, ast.GeneratorExp))
