"""Module: the code cells of a notebook joined to one text, with the way back to the cells."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

from einlint.assumptions import Evidence
from einlint.diagnostics import Diagnostic, Edit, Fix, Position, Range, Requirement
from einlint.fixes import spliced
from einlint.judging import RuleError
from einlint.lines import LineIndex
from einlint.notebook.magics import binds_unseen_names, python_of
from einlint.source.file import SourceFile
from einlint.source.finder import UnparsableError, tree_of
from einlint.source.spans import Span

# So that no row of a cell is one of the first two, where a comment can be a coding cookie.
_HEAD: Final = "\n\n"
_TAIL: Final = "\n"
# What stands for a magic that may bind any name.
_STAR: Final = "\nfrom.import*\n"


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell.

    code: its text as Python, as long as that; blank where it is no Python.
    fault: why Python cannot read it.
    """

    text: str
    code: str
    fault: UnparsableError | None = None

    @property
    def tail(self) -> str:
        """What follows the cell in the module."""
        return _STAR if binds_unseen_names(self.text) else _TAIL


def cell_of(text: str) -> Cell:
    """The cell with this text."""
    code = python_of(text)
    if code is None:
        return Cell(text, _blank(text))
    try:
        tree_of(code)
    except UnparsableError as error:
        return Cell(text, _blank(text), error)
    return Cell(text, code)


def _blank(text: str) -> str:
    return "".join(each if each in "\r\n" else " " for each in text)


@dataclass(frozen=True, slots=True)
class Module:
    """The cells one after the other, as a script would have them.

    Names carry from cell to cell. An edit of the module is one of a cell, since every cell can
    be parsed by itself.
    """

    filename: str
    cells: tuple[Cell, ...]
    lines: LineIndex

    @property
    def source(self) -> SourceFile:
        """The module as if it were a file."""
        return SourceFile(self.filename, self.lines.text)

    def spans(self) -> tuple[Span, ...]:
        """Where each cell stands in the text, what follows it included."""
        lengths = (len(cell.text) + len(cell.tail) for cell in self.cells)
        return tuple(Span(*each) for each in pairwise(accumulate(lengths, initial=len(_HEAD))))

    def edited(self, rounds: Sequence[Sequence[Edit]]) -> "Module":
        """The module with the cells as they are after edits of its text, round by round.

        Raises:
            RuleError: a cell does not read as what the edits made of it.
        """
        if not rounds:
            return self
        texts, codes = (
            _edited(
                [f"{each}{cell.tail}" for each, cell in zip(some, self.cells, strict=True)], rounds
            )
            for some in ([cell.text for cell in self.cells], [cell.code for cell in self.cells])
        )
        groups = zip(self.cells, texts, codes, strict=True)
        return _joined(self.filename, [_again(*group, self.filename) for group in groups])

    def local(self, diagnostic: Diagnostic) -> Diagnostic:
        """A finding in the text as one in its cell."""
        place = _Place.at(diagnostic.range.start, self)
        return replace(
            diagnostic,
            range=place.range(diagnostic.range),
            fix=place.fix(diagnostic.fix) if diagnostic.fix else None,
            cell=place.number,
        )

    def joined(self, diagnostic: Diagnostic) -> Diagnostic:
        """A finding in a cell as one in the text, with the edits of its fix."""
        assert diagnostic.cell is not None
        start = self.spans()[diagnostic.cell - 1].start
        rows = self.lines.position(start).row - 1
        fix = diagnostic.fix
        if fix is not None:
            fix = replace(fix, edits=tuple(_moved(edit, start, self.lines) for edit in fix.edits))
        where = Range(_lower(diagnostic.range.start, rows), _lower(diagnostic.range.end, rows))
        return replace(diagnostic, range=where, fix=fix, cell=None)


def module_of(filename: str, cells: Iterable[str]) -> Module:
    """The module that the texts of some code cells make."""
    return _joined(filename, map(cell_of, cells))


def _joined(filename: str, cells: Iterable[Cell]) -> Module:
    cells = tuple(cells)
    text = "".join(f"{cell.code}{cell.tail}" for cell in cells)
    return Module(filename, cells, LineIndex.of(_HEAD + text))


def _edited(texts: Sequence[str], rounds: Iterable[Sequence[Edit]]) -> Sequence[str]:
    """The texts of the cells, edited where the module is."""
    for edits in rounds:
        texts = list(_edited_once(texts, edits))
    return texts


def _edited_once(texts: Sequence[str], edits: Sequence[Edit]) -> Iterator[str]:
    start = len(_HEAD)
    for text in texts:
        end = start + len(text)
        own = [edit for edit in edits if start <= edit.start < end]
        assert all(edit.end <= end for edit in own), "an edit leaves its cell"
        yield spliced(text, [_at(edit, edit.start - start) for edit in own])
        start = end


def _again(cell: Cell, text: str, code: str, filename: str) -> Cell:
    """The cell with another text; the line end behind it may have gone with its last row."""
    text, code = (each.removesuffix(cell.tail[1:]).removesuffix(_TAIL) for each in (text, code))
    if text == cell.text:
        return cell
    after = cell_of(text)
    if after.code != code:
        raise RuleError(f"{filename}: the edits would change what is a magic in `{text}`")
    return after


def _at(edit: Edit, start: int) -> Edit:
    return replace(edit, start=start, end=start + edit.end - edit.start)


def _moved(edit: Edit, offset: int, lines: LineIndex) -> Edit:
    start, end = edit.start + offset, edit.end + offset
    return Edit(start, end, edit.content, lines.range(start, end))


def _lower(position: Position, rows: int) -> Position:
    return Position(position.row + rows, position.column)


@dataclass(frozen=True, slots=True)
class _Place:
    """One cell in the module: its number, where it starts there, in rows too, and its lines."""

    number: int
    start: int
    rows: int
    lines: LineIndex

    @classmethod
    def at(cls, position: Position, module: Module) -> "_Place":
        lines, spans = module.lines, module.spans()
        offset = lines.starts[position.row - 1]
        index = next(i for i, span in enumerate(spans) if span.start <= offset < span.end)
        start = spans[index].start
        own = LineIndex.of(module.cells[index].text)
        return cls(index + 1, start, lines.position(start).row - 1, own)

    def position(self, position: Position) -> Position:
        """The position in the cell; what lies behind the last row is the end of that."""
        row = position.row - self.rows
        if row > len(self.lines.starts):
            return self.lines.position(len(self.lines.text))
        return Position(row, position.column)

    def range(self, place: Range) -> Range:
        return Range(self.position(place.start), self.position(place.end))

    def fix(self, fix: Fix) -> Fix:
        edits = tuple(map(self.edit, fix.edits))
        return replace(
            fix, edits=edits, requirements=tuple(map(self.requirement, fix.requirements))
        )

    def edit(self, edit: Edit) -> Edit:
        end = min(edit.end - self.start, len(self.lines.text))
        return Edit(edit.start - self.start, end, edit.content, self.range(edit.range))

    def requirement(self, requirement: Requirement) -> Requirement:
        """The row of a proof counts in the cell; of one in another cell only the text is kept."""
        proof = requirement.assumption.proved_by
        if proof is None or proof.row is None:
            return requirement
        row = proof.row - self.rows
        is_here = 1 <= row <= len(self.lines.starts)
        moved = Evidence(proof.text, row if is_here else None)
        return replace(requirement, assumption=replace(requirement.assumption, proved_by=moved))
