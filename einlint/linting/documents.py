"""Document: one file of a run, a script or a notebook."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from einlint.diagnostics import Applicability
from einlint.linting import engine
from einlint.linting.findings import Change, Findings
from einlint.settings import Settings
from einlint.source.file import SourceFile

# Most runs have no trace, and no report of `einlint verify`.
if TYPE_CHECKING:
    from einlint.linting.trace_index import FileTrace
    from einlint.linting.verified import Verified


class Document(Protocol):
    """A file that einlint can check, change and write back."""

    def parts(self) -> Mapping[str, bytes]:
        """The parts that a diff compares, by the names that it shows."""

    def to_bytes(self) -> bytes:
        """The content of the file."""

    def check(self, settings: Settings, verified: "Verified | None" = None) -> Findings:
        """The findings of the selected rules; `verified` rewrites are not slower here."""

    def fix(
        self, settings: Settings, threshold: Applicability, verified: "Verified | None" = None
    ) -> Change:
        """Apply every fix that reaches `threshold`; with `verified`, only the verified ones."""

    def add_ignore(self, settings: Settings, reason: str) -> Change:
        """Add comments that silence the findings."""

    def after(self, change: Change) -> Self:
        """The document with the text of a change."""


class Script(NamedTuple):
    """A Python file; `trace` has the calls that a run of it recorded."""

    file: SourceFile
    trace: "FileTrace | None" = None

    def parts(self) -> Mapping[str, bytes]:
        """The file as a single part."""
        return {self.file.filename: self.to_bytes()}

    def to_bytes(self) -> bytes:
        """The content of the file."""
        return self.file.to_bytes(self.file.text)

    def check(self, settings: Settings, verified: "Verified | None" = None) -> Findings:
        """The findings of the selected rules; `verified` rewrites are not slower here."""
        return engine.check(self.file, settings, self.trace, verified)

    def fix(
        self, settings: Settings, threshold: Applicability, verified: "Verified | None" = None
    ) -> Change:
        """Apply every fix that reaches `threshold`; with `verified`, only the verified ones."""
        return engine.fix(self.file, settings, threshold, self.trace, verified)

    def add_ignore(self, settings: Settings, reason: str) -> Change:
        """Add comments that silence the findings."""
        from einlint.linting.suppression.write import add_ignore  # few runs write comments

        return add_ignore(self.file, settings, reason)

    def after(self, change: Change) -> "Script":
        """The script with the text of a change."""
        return self._replace(file=replace(self.file, text=change.text))
