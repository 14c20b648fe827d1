"""Document: a file as a run sees it, be it a script or a notebook."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from einlint.diagnostics import Applicability
from einlint.linting import engine
from einlint.linting.engine import CheckResult
from einlint.linting.suppression import write
from einlint.linting.trace_index import FileTrace
from einlint.linting.verified import Verified
from einlint.settings import Settings
from einlint.source.file import SourceFile


class Document(Protocol):
    """What can be checked, changed, and written again."""

    def texts(self) -> Mapping[str, str]:
        """The texts that findings point into, by `Diagnostic.text_name`."""

    def parts(self) -> Mapping[str, bytes]:
        """What a diff compares, by the names that it shows."""

    def to_bytes(self) -> bytes:
        """What the file holds."""

    def check(self, settings: Settings) -> CheckResult:
        """Everything that is found."""

    def fix(
        self, settings: Settings, threshold: Applicability, verified: Verified | None = None
    ) -> "Change":
        """Apply every fix that reaches `threshold`, or those of them that are verified."""

    def ignore(self, settings: Settings, reason: str) -> "Change":
        """Silence what is found by comments."""


@dataclass(frozen=True, slots=True)
class Change:
    """A document after fixes or comments, how many these were, and what is left to report."""

    document: Document
    count: int
    remaining: CheckResult


@dataclass(frozen=True, slots=True)
class Script:
    """A file that holds Python and nothing else; `trace` is what was recorded of it."""

    file: SourceFile
    trace: FileTrace | None = None

    def texts(self) -> Mapping[str, str]:
        """The text of the file."""
        return {self.file.filename: self.file.text}

    def parts(self) -> Mapping[str, bytes]:
        """The bytes of the file."""
        return {self.file.filename: self.to_bytes()}

    def to_bytes(self) -> bytes:
        """What the file holds."""
        return self.file.to_bytes(self.file.text)

    def check(self, settings: Settings) -> CheckResult:
        """Everything that is found."""
        return engine.check(self.file, settings, self.trace)

    def fix(
        self, settings: Settings, threshold: Applicability, verified: Verified | None = None
    ) -> Change:
        """Apply every fix that reaches `threshold`, or those of them that are verified."""
        result = engine.fix(self.file, settings, threshold, self.trace, verified)
        return Change(self._with(result.text), len(result.fixed), result.remaining)

    def ignore(self, settings: Settings, reason: str) -> Change:
        """Silence what is found by comments."""
        result = write.ignore(self.file, settings, reason)
        return Change(self._with(result.text), result.comments, result.remaining)

    def _with(self, text: str) -> "Script":
        return replace(self, file=replace(self.file, text=text))
