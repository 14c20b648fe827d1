"""One run over many files: read, check or fix, write, and remember what went wrong."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from einlint.diagnostics import Applicability, Diagnostic
from einlint.linting.documents import Change, Document, Script
from einlint.linting.engine import CheckResult, read
from einlint.linting.fixes import is_fixable
from einlint.linting.judging import RuleError
from einlint.linting.trace_index import TraceIndex
from einlint.linting.verified import Verified
from einlint.notebook.module import Module
from einlint.notebook.notebook import Notebook, read_notebook
from einlint.output.diffs import unified
from einlint.project.files import NOTEBOOK, write_atomically
from einlint.settings import Settings, SettingsError


@dataclass(frozen=True, slots=True)
class Mode:
    """What becomes of the fixes that reach `threshold`: applied, shown as a diff, or neither.

    reason: findings are silenced by comments with this reason; None leaves them.
    trace: what was recorded of the calls, as evidence.
    verified: of those fixes the only ones to apply; None for all.
    """

    fix: bool = False
    diff: bool = False
    threshold: Applicability = Applicability.SAFE
    reason: str | None = None
    trace: TraceIndex | None = None
    verified: Verified | None = None

    @property
    def writes(self) -> bool:
        """Whether files, and standard input as standard output, are written anew."""
        return (self.fix and not self.diff) or self.reason is not None


@dataclass(slots=True)
class Outcome:
    """What a run has come to so far.

    texts: what findings point into, by `Diagnostic.text_name`.
    notebooks: of the notebooks among the files, the cells as one module, by file name.
    failures: one text for each file that could not be read, written or checked.
    accepted: how many findings a baseline has taken out.
    outputs: the fixed source of standard input, or the diffs, in the bytes of the files.
    unverified: how many fixes were left because they are not verified.
    traced_files: how many files have calls in the trace.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    notebooks: dict[str, Module] = field(default_factory=dict)
    outputs: list[bytes] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    fixed: int = 0
    changed: int = 0
    comments: int = 0
    unverified: int = 0
    accepted: int = 0
    unknown_equations: int = 0
    changed_since_trace: int = 0
    traced_files: int = 0

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
        self.notebooks |= other.notebooks
        self.outputs += other.outputs
        self.failures += [each for each in other.failures if each not in self.failures]
        self.fixed += other.fixed
        self.changed += other.changed
        self.comments += other.comments
        self.unverified += other.unverified
        self.unknown_equations += other.unknown_equations
        self.changed_since_trace += other.changed_since_trace
        self.traced_files += other.traced_files

    def add(self, result: CheckResult, document: Document | None = None) -> None:
        """Take over the result of one file; its texts are kept if there is something to show."""
        self.diagnostics += result.diagnostics
        self.unknown_equations += result.unknown_equations
        self.changed_since_trace += result.changed_since_trace
        if result.diagnostics and document is not None:
            self.texts |= document.texts()
            if isinstance(document, Notebook):
                self.notebooks[document.filename] = document.module


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
        document = _document(filename, data, settings, self.mode.trace)
        self.outcome.traced_files += isinstance(document, Script) and document.trace is not None
        if isinstance(document, CheckResult):
            self.outcome.add(document)
        elif self.mode.reason is not None:
            change = document.ignore(settings, self.mode.reason)
            self._put(document, change, settings, write)
            self.outcome.comments += change.count
        elif self.mode.fix or self.mode.diff:
            change = document.fix(settings, self.mode.threshold, self.mode.verified)
            self._put(document, change, settings, write)
            self.outcome.fixed += change.count
            self.outcome.unverified += self._left(change)
        else:
            self.outcome.add(document.check(settings), document)

    def _left(self, change: Change) -> int:
        """How many fixes would have been applied if they were verified."""
        if self.mode.verified is None:
            return 0
        left = change.remaining.diagnostics
        return sum(is_fixable(each, self.mode.threshold) for each in left)

    def _put(
        self,
        before: Document,
        change: Change,
        settings: Settings,
        write: Callable[[bytes], None],
    ) -> None:
        """Write the file or show the difference; what cannot be written is left as it was found."""
        if change.document != before:
            if self.mode.diff:
                self.outcome.outputs += _diffs(before, change.document)
            else:
                try:
                    write(change.document.to_bytes())
                except OSError:
                    self.outcome.add(before.check(settings), before)
                    raise
            self.outcome.changed += 1
        self.outcome.add(change.remaining, change.document)

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


def _document(
    filename: str, data: bytes, settings: Settings, trace: TraceIndex | None
) -> Document | CheckResult:
    """The file, or the result of checking it where there is nothing to look at."""
    if filename.endswith(NOTEBOOK):
        return read_notebook(filename, data, settings)
    source = read(filename, data, settings)
    if isinstance(source, CheckResult):
        return source
    return Script(source, None if trace is None else trace.of(filename))


def _diffs(before: Document, after: Document) -> list[bytes]:
    """One diff for each part that differs."""
    new = after.parts()
    return [unified(name, old, new[name]) for name, old in before.parts().items()]
