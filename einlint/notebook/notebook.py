"""Notebook: the bytes of an .ipynb file, whose code cells are checked, changed and written back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from einlint.diagnostics import Applicability, Diagnostic, Edit, Position, Range, text_name
from einlint.linting.documents import Change
from einlint.linting.engine import CheckResult, judges_comments, unparsable_at
from einlint.linting.fixes import spliced
from einlint.linting.verified import Verified
from einlint.notebook.cells import CellsResult, check_cells, fix_cells, ignore_cells
from einlint.notebook.document import NotebookError, code_cells
from einlint.notebook.module import Module, module_of
from einlint.notebook.source_text import SourceText
from einlint.settings import Settings
from einlint.source.file import DecodeError, SourceFile, decoded
from einlint.source.lines import LineIndex
from einlint.source.prefilter import may_call_einsum, may_suppress


@dataclass(frozen=True, slots=True)
class Notebook:
    """The text of the file, and the sources of its code cells in it."""

    file: SourceFile
    sources: tuple[SourceText, ...]

    @property
    def filename(self) -> str:
        """The name of the file."""
        return self.file.filename

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of the code cells."""
        return tuple(source.value for source in self.sources)

    @property
    def module(self) -> Module:
        """The cells as one module."""
        return module_of(self.filename, self.cells)

    def texts(self) -> Mapping[str, str]:
        """The cells under the names that findings have for them."""
        return {text_name(self.filename, n): cell for n, cell in enumerate(self.cells, 1)}

    def parts(self) -> Mapping[str, bytes]:
        """The cells in bytes; each ends its last row, so that diffs are not about that."""
        pairs = self.texts().items()
        return {name: f"{cell}\n".encode(errors="surrogatepass") for name, cell in pairs}

    def to_bytes(self) -> bytes:
        """What the file holds."""
        return self.file.to_bytes(self.file.text)

    def check(self, settings: Settings) -> CheckResult:
        """Everything that is found."""
        return self._placed(check_cells(self.filename, self.cells, settings))

    def fix(
        self, settings: Settings, threshold: Applicability, verified: Verified | None = None
    ) -> Change:
        """Apply every fix that reaches `threshold`, or those of them that are verified."""
        return self._changed(fix_cells(self.filename, self.cells, settings, threshold, verified))

    def ignore(self, settings: Settings, reason: str) -> Change:
        """Silence what is found by comments."""
        return self._changed(ignore_cells(self.filename, self.cells, settings, reason))

    def _changed(self, result: CellsResult) -> Change:
        pairs = zip(self.sources, result.cells, strict=True)
        edits = [_edit(source, new) for source, new in pairs if new != source.value]
        text = spliced(self.file.text, edits)
        after = Notebook(replace(self.file, text=text), code_cells(text)) if edits else self
        return Change(after, result.count, after._placed(result.remaining))

    def _placed(self, result: CheckResult) -> CheckResult:
        """The findings with their places in the file."""
        lines = LineIndex.of(self.file.text)
        found = tuple(self._in_file(each, lines) for each in result.diagnostics)
        return replace(result, diagnostics=found)

    def _in_file(self, diagnostic: Diagnostic, lines: LineIndex) -> Diagnostic:
        assert diagnostic.cell is not None
        source, where = self.sources[diagnostic.cell - 1], diagnostic.range
        own = LineIndex.of(source.value)
        offsets = (own.starts[at.row - 1] + at.column - 1 for at in (where.start, where.end))
        start, end = (source.offset(min(each, len(own.text))) for each in offsets)
        return replace(diagnostic, in_file=Range(lines.position(start), lines.position(end)))


def read_notebook(filename: str, data: bytes, settings: Settings) -> Notebook | CheckResult:
    """The notebook, or the result of checking it where there is nothing to look at."""
    mentions = may_call_einsum(data, settings.functions)
    if not (mentions or (judges_comments(settings) and may_suppress(data))):
        return CheckResult()
    try:
        file = decoded(filename, data)
        return Notebook(file, code_cells(file.text))
    except (DecodeError, NotebookError) as error:
        if not mentions:
            return CheckResult()
        place = error.position if isinstance(error, NotebookError) else Position(1, 1)
        return unparsable_at(place, str(error), filename, settings)


def _edit(source: SourceText, text: str) -> Edit:
    span, content = source.rewritten(text)
    nowhere = Range(Position(1, 1), Position(1, 1))  # nobody is shown this edit
    return Edit(span.start, span.end, content, nowhere)
