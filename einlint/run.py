"""One run over many files: read, check or fix, write, and remember what went wrong."""

import difflib
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from einlint.diagnostics import Applicability, Diagnostic
from einlint.engine import CheckResult, RuleError, check, fix, read
from einlint.files import write_atomically
from einlint.lines import LineIndex
from einlint.settings import Settings
from einlint.source.file import SourceFile


@dataclass(frozen=True, slots=True)
class Mode:
    """What becomes of the fixes that reach `threshold`: applied, shown as a diff, or neither."""

    fix: bool = False
    diff: bool = False
    threshold: Applicability = Applicability.SAFE


@dataclass(slots=True)
class Outcome:
    """What a run has come to so far.

    failures: one text for each file that could not be read, written or checked.
    outputs: the fixed source of standard input, or the diffs, in the bytes of the files.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    outputs: list[bytes] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    fixed: int = 0
    changed: int = 0
    unknown_equations: int = 0

    def note(self, error: OSError, filename: str | None = None) -> None:
        """Remember that a file or folder could not be read or written."""
        self.failures.append(f"{filename or error.filename}: {error.strerror or error}")

    def add(self, result: CheckResult, source: SourceFile | None = None) -> None:
        """Take over the result of one file; its text is kept if there is something to show."""
        self.diagnostics += result.diagnostics
        self.unknown_equations += result.unknown_equations
        if result.diagnostics and source is not None:
            self.texts[source.filename] = source.text


@dataclass(frozen=True, slots=True)
class Run:
    """One mode for all files of a run, and what comes of them."""

    mode: Mode
    outcome: Outcome = field(default_factory=Outcome)

    def file(self, path: Path, settings: Settings) -> None:
        """Check one file on disk, and fix it if the mode says so."""
        with self._noting_failures(str(path)):
            if not path.is_file():
                raise OSError("not a regular file")
            source = read(str(path), path.read_bytes(), settings)
            fixed = self._look_at(source, settings)
            if fixed is not None:
                write_atomically(path, fixed)

    def standard_input(self, filename: str, data: bytes, settings: Settings) -> None:
        """Check the bytes of standard input; with --fix they become an output, fixed or not."""
        output: bytes | None = None
        with self._noting_failures(filename):
            output = self._look_at(read(filename, data, settings), settings)
        if self.mode.fix and not self.mode.diff:
            self.outcome.outputs.append(data if output is None else output)

    def _look_at(self, source: SourceFile | CheckResult, settings: Settings) -> bytes | None:
        """Take down what is found; the new bytes if the file is to be written, else None."""
        if isinstance(source, CheckResult):
            self.outcome.add(source)
            return None
        if not self.mode.fix and not self.mode.diff:
            self.outcome.add(check(source, settings), source)
            return None
        result = fix(source, settings, self.mode.threshold)
        self.outcome.fixed += len(result.fixed)
        self.outcome.add(result.remaining, replace(source, text=result.text))
        if result.text == source.text:
            return None
        self.outcome.changed += 1
        if self.mode.diff:
            self.outcome.outputs.append(_diff(source, result.text))
            return None
        return source.to_bytes(result.text)

    @contextmanager
    def _noting_failures(self, filename: str) -> Iterator[None]:
        """What goes wrong with one file is told at the end; the other files are still checked."""
        try:
            yield
        except OSError as error:
            self.outcome.note(error, filename)
        except RuleError as error:
            self.outcome.failures.append(f"internal error: {error}")
        except Exception as error:  # noqa: BLE001
            trace = "".join(traceback.format_exception(error))
            self.outcome.failures.append(f"internal error in {filename}:\n{trace}")


def _diff(source: SourceFile, text: str) -> bytes:
    """A unified diff in the file's own encoding and newlines."""
    lines = difflib.unified_diff(
        list(_rows(source.text)), list(_rows(text)), source.filename, source.filename
    )
    marked = (
        line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n"
        for line in lines
    )
    return "".join(marked).encode(source.encoding)


def _rows(text: str) -> Iterator[str]:
    starts = LineIndex.of(text).starts
    for start, end in zip(starts, (*starts[1:], len(text)), strict=True):
        if start < end:
            yield text[start:end]
