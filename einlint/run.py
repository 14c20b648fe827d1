"""One run over many files: read, check or fix, write, and remember what went wrong."""

import difflib
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from einlint.diagnostics import Applicability, Diagnostic
from einlint.engine import CheckResult, check, fix, read
from einlint.files import write_atomically
from einlint.ignoring import ignore
from einlint.judging import RuleError
from einlint.settings import Settings, SettingsError
from einlint.source.file import SourceFile
from einlint.trace.index import FileTrace, TraceIndex


@dataclass(frozen=True, slots=True)
class Mode:
    """What becomes of the fixes that reach `threshold`: applied, shown as a diff, or neither.

    reason: findings are silenced by comments with this reason; None leaves them.
    trace: what was recorded of the calls, as evidence.
    """

    fix: bool = False
    diff: bool = False
    threshold: Applicability = Applicability.SAFE
    reason: str | None = None
    trace: TraceIndex | None = None

    @property
    def writes(self) -> bool:
        """Whether files, and standard input as standard output, are written anew."""
        return (self.fix and not self.diff) or self.reason is not None


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
    comments: int = 0
    unknown_equations: int = 0
    changed_since_trace: int = 0

    def note(self, error: OSError | SettingsError, filename: str | None = None) -> None:
        """Remember that a file or folder, or the settings there, could not be read or written."""
        if isinstance(error, SettingsError):
            failure = str(error)
        else:
            failure = f"{filename or error.filename}: {error.strerror or error}"
        if failure not in self.failures:
            self.failures.append(failure)

    def extend(self, other: "Outcome") -> None:
        """Take over what came of later files."""
        self.diagnostics += other.diagnostics
        self.texts |= other.texts
        self.outputs += other.outputs
        self.failures += [each for each in other.failures if each not in self.failures]
        self.fixed += other.fixed
        self.changed += other.changed
        self.comments += other.comments
        self.unknown_equations += other.unknown_equations
        self.changed_since_trace += other.changed_since_trace

    def add(self, result: CheckResult, source: SourceFile | None = None) -> None:
        """Take over the result of one file; its text is kept if there is something to show."""
        self.diagnostics += result.diagnostics
        self.unknown_equations += result.unknown_equations
        self.changed_since_trace += result.changed_since_trace
        if result.diagnostics and source is not None:
            self.texts[source.filename] = source.text


@dataclass(frozen=True, slots=True)
class Run:
    """One mode for all files of a run, and what comes of them."""

    mode: Mode
    outcome: Outcome = field(default_factory=Outcome)

    def file(self, path: Path, settings: Settings) -> None:
        """Check one file on disk, and fix it if the mode says so."""
        with self.noting_failures(str(path)):
            if path.exists() and not path.is_file():
                raise OSError("not a regular file")
            if path.suffix == ".ipynb":
                raise OSError("notebooks are not read; export it as a script")
            data = path.read_bytes()
            self._look_at(str(path), data, settings, lambda fixed: write_atomically(path, fixed))

    def standard_input(self, filename: str, data: bytes, settings: Settings) -> None:
        """Check the bytes of standard input; where a file is written, they become an output."""
        output = [data]
        with self.noting_failures(filename):
            self._look_at(filename, data, settings, lambda fixed: output.append(fixed))
        self.unchanged(output[-1])

    def unchanged(self, data: bytes) -> None:
        """Standard input that stays as it is: where files are written it is printed."""
        if self.mode.writes:
            self.outcome.outputs.append(data)

    def _look_at(
        self, filename: str, data: bytes, settings: Settings, write: Callable[[bytes], None]
    ) -> None:
        """Take down what is found, and what is left of it once it is written."""
        source = read(filename, data, settings)
        if isinstance(source, CheckResult):
            self.outcome.add(source)
        elif self.mode.reason is not None:
            self._silence(source, settings, write, self.mode.reason)
        elif self.mode.fix or self.mode.diff:
            self._mend(source, settings, write)
        else:
            self.outcome.add(check(source, settings, self._recorded(filename)), source)

    def _recorded(self, filename: str) -> FileTrace | None:
        return None if self.mode.trace is None else self.mode.trace.of(filename)

    def _mend(self, source: SourceFile, settings: Settings, write: Callable[[bytes], None]) -> None:
        result = fix(source, settings, self.mode.threshold, self._recorded(source.filename))
        fixed = replace(source, text=result.text)
        self._put(source, fixed, settings, write)
        self.outcome.fixed += len(result.fixed)
        self.outcome.add(result.remaining, fixed)

    def _silence(
        self, source: SourceFile, settings: Settings, write: Callable[[bytes], None], reason: str
    ) -> None:
        result = ignore(source, settings, reason)
        silenced = replace(source, text=result.text)
        self._put(source, silenced, settings, write)
        self.outcome.comments += result.comments
        self.outcome.add(result.remaining, silenced)

    def _put(
        self,
        before: SourceFile,
        after: SourceFile,
        settings: Settings,
        write: Callable[[bytes], None],
    ) -> None:
        """Write the file or show the difference; what cannot be written is left as it was found."""
        if after == before:
            return
        if self.mode.diff:
            self.outcome.outputs.append(_diff(before, after))
        else:
            try:
                write(after.to_bytes(after.text))
            except OSError:
                self.outcome.add(check(before, settings), before)
                raise
        self.outcome.changed += 1

    @contextmanager
    def noting_failures(self, filename: str) -> Iterator[None]:
        """What goes wrong with one file is told at the end; the other files are still checked."""
        try:
            yield
        except (OSError, SettingsError) as error:
            self.outcome.note(error, filename)
        except RuleError as error:
            self.outcome.failures.append(f"internal error: {error}")
        except Exception as error:  # noqa: BLE001 -- told with its trace, and exit code 2
            trace = "".join(traceback.format_exception(error))
            self.outcome.failures.append(f"internal error in {filename}:\n{trace}")


def _diff(before: SourceFile, after: SourceFile) -> bytes:
    """A unified diff of the bytes, as `patch` and git take it: they know no newline but LF."""
    name = os.fsencode(before.filename)
    old, new = (each.to_bytes(each.text).splitlines(keepends=True) for each in (before, after))
    lines = difflib.diff_bytes(difflib.unified_diff, _rows(old), _rows(new), name, name)
    missing = b"\n\\ No newline at end of file\n"
    return b"".join(line if line.endswith(b"\n") else line + missing for line in lines)


def _rows(pieces: list[bytes]) -> list[bytes]:
    """The pieces of `splitlines` put together again where they do not end in LF."""
    rows: list[bytes] = []
    for piece in pieces:
        if rows and not rows[-1].endswith(b"\n"):
            rows[-1] += piece
        else:
            rows.append(piece)
    return rows
