"""The comments that speak of the shapes of a call's operands: hints, which prove nothing."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from einlint.algebra.equation import Subscripts
from einlint.source.binder import BoundModule
from einlint.source.comments import Comment, CommentReader
from einlint.source.names import last_name
from einlint.source.reaching import reaching_binding
from einlint.source.shape_words import Axes, shapes_in

_Assignment: TypeAlias = ast.Assign | ast.AnnAssign | ast.AugAssign
# What may follow a parameter or an argument that has its row for itself.
_REST: Final = re.compile(r"\s*(?:=[^,()]*)?,?\s*")
# Functions whose results are of one shape.
_ALIKE: Final = frozenset({"map", "chunk", "unbind"})


@dataclass(frozen=True, slots=True)
class CommentedShape:
    """The axes that a comment gives to the operand `name`, and the row of the comment."""

    name: str
    axes: Axes
    row: int


@dataclass(frozen=True, slots=True)
class _Found:
    """A comment about `count` tensors, of which the operand is the one at `position`.

    is_alike: they are of one shape.
    """

    comment: Comment
    position: int = 0
    count: int = 1
    is_alike: bool = False

    def axes(self, name: str) -> Axes | None:
        """What it says of the operand."""
        shapes = shapes_in(self.comment.text, name)
        if len(shapes) == self.count:
            return shapes[self.position]
        return shapes[0] if len(shapes) == 1 and self.is_alike else None


@dataclass(frozen=True, slots=True, eq=False)
class ShapeComments:
    """Where comments may speak of the operands of a call; nothing is read before it is asked for.

    nodes: the operands; none where it is not known which rows they are on.
    """

    call: ast.Call
    nodes: tuple[ast.expr, ...]
    bound: BoundModule
    reader: CommentReader

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
        for found in self._about(node):
            axes = found.axes(node.id)
            if axes is not None and axes.fit(term):
                return CommentedShape(node.id, axes, found.comment.row)
        return None

    def _about(self, node: ast.Name) -> Iterator[_Found]:
        yield from map(_Found, self._on_own_row(node))
        binding = reaching_binding(node.id, self.call, self.bound)
        lines = self.reader.lines
        if binding is None or lines.cell(binding.lineno) != lines.cell(self.call.lineno):
            return
        if isinstance(binding, ast.arg):
            yield from map(_Found, self._on_own_row(binding))
        elif isinstance(binding, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            for position, count in _positions(binding, node.id):
                for comment in (*self._beside(binding), *self._above(binding)):
                    yield _Found(comment, position, count, _is_alike(binding.value))

    def _on_own_row(self, node: ast.Name | ast.arg) -> Iterator[Comment]:
        """The comment behind a parameter or an argument that has its row for itself."""
        lines = self.reader.lines
        start, end = lines.extent(node)
        is_first = not lines.text[lines.starts[node.lineno - 1] : start].strip()
        for comment in self._on(node.end_lineno) if is_first else ():
            if _REST.fullmatch(lines.text, end, comment.start):
                yield comment

    def _beside(self, statement: _Assignment) -> Iterator[Comment]:
        """The comment behind the end of a statement."""
        lines = self.reader.lines
        _, end = lines.extent(statement)
        for comment in self._on(statement.end_lineno):
            if not lines.text[end : comment.start].strip():
                yield comment

    def _above(self, statement: _Assignment) -> Iterator[Comment]:
        """The comment on the row above a statement, as far indented as that."""
        lines = self.reader.lines
        for comment in self._on(statement.lineno - 1):
            column = comment.start - lines.starts[comment.row - 1]
            is_near = lines.cell(comment.row) == lines.cell(statement.lineno)
            if comment.is_alone and is_near and column == statement.col_offset:
                yield comment

    def _on(self, row: int | None) -> Iterator[Comment]:
        """The comment on a row; nothing is tokenised for a row that can have none."""
        if row and "#" in self.reader.lines.line(row):
            comment = self.reader.read().on(row)
            if comment is not None:
                yield comment


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
