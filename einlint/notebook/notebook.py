"""Notebook: an .ipynb file, whose code cells are checked, changed and written back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from einlint.diagnostics import Applicability, Edit
from einlint.linting.engine import unreadable
from einlint.linting.findings import Change, Findings
from einlint.linting.fixes import spliced
from einlint.linting.wanted import may_hold_facts, wants_unused_suppressions
from einlint.notebook.cells import check_cells, fix_cells, ignore_cells
from einlint.notebook.document import NotebookError, code_cells
from einlint.notebook.module import Module, module_of
from einlint.notebook.places import FilePlaces
from einlint.notebook.source_text import SourceText
from einlint.settings import Settings
from einlint.source.file import DecodeError, SourceFile, decoded
from einlint.source.lines import Text
from einlint.source.prefilter import may_call_einsum, may_suppress

if TYPE_CHECKING:  # few runs have a report of `einlint verify`
    from einlint.linting.verified import Verified


@dataclass(frozen=True, slots=True)
class Notebook:
    """The file, the sources of its code cells in the JSON text, and the cells as one module."""

    file: SourceFile
    sources: tuple[SourceText, ...]
    module: Module

    @classmethod
    def of(cls, file: SourceFile) -> "Notebook":
        """The notebook in a file.

        Raises:
            NotebookError: the file is not a readable notebook.
        """
        sources = code_cells(file.text)
        return cls(file, sources, module_of(file.filename, (each.value for each in sources)))

    def parts(self) -> Mapping[str, bytes]:
        """The cells in bytes; a line end is added to each, so that diffs do not mention it."""
        return {
            f"{self.file.filename}:cell {n}": f"{cell.text}\n".encode(errors="surrogatepass")
            for n, cell in enumerate(self.module.cells, 1)
        }

    def to_bytes(self) -> bytes:
        """The content of the file."""
        return self.file.to_bytes(self.file.text)

    def check(self, settings: Settings, verified: "Verified | None" = None) -> Findings:
        """The findings of the selected rules; `verified` rewrites are not slower here."""
        places = FilePlaces(self.module.places, self.sources, Text(self.file.text))
        return replace(check_cells(self.module, settings, verified), places=places)

    def fix(
        self, settings: Settings, threshold: Applicability, verified: "Verified | None" = None
    ) -> Change:
        """Apply every fix that reaches `threshold`; with `verified`, only the verified ones."""
        module, change = fix_cells(self.module, settings, threshold, verified)
        return self._changed(module, change, settings, verified)

    def add_ignore(self, settings: Settings, reason: str) -> Change:
        """Add comments that silence the findings."""
        return self._changed(*ignore_cells(self.module, settings, reason), settings)

    def after(self, change: Change) -> "Notebook":
        """The notebook with the text of a change."""
        return Notebook.of(replace(self.file, text=change.text))

    def _changed(
        self,
        module: Module,
        change: Change,
        settings: Settings,
        verified: "Verified | None" = None,
    ) -> Change:
        """Turn a change of the cells into a change of the file, and check the new file."""
        pairs = zip(self.sources, module.cells, strict=True)
        edits = [_edit(source, cell.text) for source, cell in pairs if cell.text != source.value]
        rounds = (tuple(edits),) if edits else ()
        change = replace(change, text=spliced(self.file.text, edits), rounds=rounds)
        after = self.after(change) if edits else self
        return replace(change, remaining=after.check(settings, verified))


def read_notebook(filename: str, data: bytes, settings: Settings) -> Notebook | Findings:
    """Decode a notebook; Findings, mostly empty, if there is nothing to check."""
    mentions = may_call_einsum(data, settings.functions)
    if not (
        may_hold_facts(data, settings)
        or (wants_unused_suppressions(settings) and may_suppress(data))
    ):
        return Findings()
    text = ""
    try:
        file = decoded(filename, data)
        text = file.text
        return Notebook.of(file)
    except (DecodeError, NotebookError) as error:
        if not mentions:
            return Findings()
        offset = error.offset if isinstance(error, NotebookError) else 0
        return Findings(
            unreadable(offset, str(error), filename, settings), Text(text, is_shown=False)
        )


def _edit(source: SourceText, text: str) -> Edit:
    span, content = source.rewritten(text)
    return Edit(span.start, span.end, content)
