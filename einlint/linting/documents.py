"""Document: a file as a run sees it, be it a script or a notebook."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, Self

from einlint.diagnostics import Applicability
from einlint.linting import engine
from einlint.linting.findings import Change, Findings
from einlint.linting.suppression.write import add_ignore
from einlint.linting.trace_index import FileTrace
from einlint.linting.verified import Verified
from einlint.settings import Settings
from einlint.source.file import SourceFile


class Document(Protocol):
    """What can be checked, changed, and written again."""

    def parts(self) -> Mapping[str, bytes]:
        """What a diff compares, by the names that it shows."""

    def to_bytes(self) -> bytes:
        """What the file holds."""

    def check(self, settings: Settings) -> Findings:
        """Everything that is found."""

    def fix(
        self, settings: Settings, threshold: Applicability, verified: Verified | None = None
    ) -> Change:
        """Apply every fix that reaches `threshold`, or those of them that are verified."""

    def add_ignore(self, settings: Settings, reason: str) -> Change:
        """Silence what is found by comments."""

    def after(self, change: Change) -> Self:
        """The document with the text of one of its changes."""


@dataclass(frozen=True, slots=True)
class Script:
    """A file that holds Python and nothing else; `trace` is what was recorded of it."""

    file: SourceFile
    trace: FileTrace | None = None

    def parts(self) -> Mapping[str, bytes]:
        """The bytes of the file."""
        return {self.file.filename: self.to_bytes()}

    def to_bytes(self) -> bytes:
        """What the file holds."""
        return self.file.to_bytes(self.file.text)

    def check(self, settings: Settings) -> Findings:
        """Everything that is found."""
        return engine.check(self.file, settings, self.trace)

    def fix(
        self, settings: Settings, threshold: Applicability, verified: Verified | None = None
    ) -> Change:
        """Apply every fix that reaches `threshold`, or those of them that are verified."""
        return engine.fix(self.file, settings, threshold, self.trace, verified)

    def add_ignore(self, settings: Settings, reason: str) -> Change:
        """Silence what is found by comments."""
        return add_ignore(self.file, settings, reason)

    def after(self, change: Change) -> "Script":
        """The script with the text of one of its changes."""
        return replace(self, file=replace(self.file, text=change.text))
