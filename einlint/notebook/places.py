"""Findings in the text of a module as findings in its cells, and back."""

from dataclasses import dataclass, replace

from einlint.diagnostics import Diagnostic, Edit, Fix, Position, Range, Requirement
from einlint.notebook.module import Module
from einlint.source.lines import LineIndex


def in_cell(diagnostic: Diagnostic, module: Module) -> Diagnostic:
    """A finding in the module as one in its cell, the edits of its fix and its proofs too."""
    offset = module.lines.starts[diagnostic.range.start.row - 1]
    number = next(n for n, span in enumerate(module.spans(), 1) if offset < span.end)
    place = _Place.of(number, module)
    fix = place.fix(diagnostic.fix) if diagnostic.fix else None
    return replace(diagnostic, range=place.range(diagnostic.range), fix=fix, cell=number)


def in_module(diagnostic: Diagnostic, module: Module) -> Diagnostic:
    """A finding in a cell as one in the module, with the edits of its fix."""
    assert diagnostic.cell is not None
    place, fix = _Place.of(diagnostic.cell, module), diagnostic.fix
    if fix is not None:
        edits = (_moved(edit, place.start, module.lines) for edit in fix.edits)
        fix = replace(fix, edits=tuple(edits))
    where = diagnostic.range
    where = Range(_lowered(where.start, place.rows), _lowered(where.end, place.rows))
    return replace(diagnostic, range=where, fix=fix, cell=None)


def _moved(edit: Edit, offset: int, lines: LineIndex) -> Edit:
    start, end = edit.start + offset, edit.end + offset
    return Edit(start, end, edit.content, lines.range(start, end))


def _lowered(position: Position, rows: int) -> Position:
    return Position(position.row + rows, position.column)


@dataclass(frozen=True, slots=True)
class _Place:
    """One cell in the module: its offset, how many rows are before it, and its own lines."""

    start: int
    rows: int
    lines: LineIndex

    @classmethod
    def of(cls, number: int, module: Module) -> "_Place":
        start = list(module.spans())[number - 1].start
        lines = LineIndex.of(module.cells[number - 1].text)
        return cls(start, module.lines.position(start).row - 1, lines)

    def range(self, place: Range) -> Range:
        return Range(self._position(place.start), self._position(place.end))

    def _position(self, position: Position) -> Position:
        """The position in the cell; what lies behind the last row is the end of that."""
        row = position.row - self.rows
        if row > len(self.lines.starts):
            return self.lines.position(len(self.lines.text))
        return Position(row, position.column)

    def fix(self, fix: Fix) -> Fix:
        requirements = tuple(map(self._requirement, fix.requirements))
        return replace(fix, edits=tuple(map(self._edit, fix.edits)), requirements=requirements)

    def _edit(self, edit: Edit) -> Edit:
        end = min(edit.end - self.start, len(self.lines.text))
        return Edit(edit.start - self.start, end, edit.content, self.range(edit.range))

    def _requirement(self, requirement: Requirement) -> Requirement:
        """The row of a proof counts in the cell; of one in another cell only the text is kept."""
        proof = requirement.assumption.proved_by
        if proof is None or proof.row is None:
            return requirement
        row = proof.row - self.rows
        moved = replace(proof, row=row if 1 <= row <= len(self.lines.starts) else None)
        return replace(requirement, assumption=replace(requirement.assumption, proved_by=moved))
