"""One run over many files: read, check or fix, write, and remember what went wrong."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from einlint.diagnostics import Applicability, Diagnostic
from einlint.linting.documents import Document, Script
from einlint.linting.engine import read
from einlint.linting.findings import Change, Findings
from einlint.linting.judging import RuleError
from einlint.linting.trace_index import TraceIndex
from einlint.linting.verified import Verified
from einlint.notebook.notebook import read_notebook
from einlint.output.diffs import unified
from einlint.project.files import NOTEBOOK, write_atomically
from einlint.settings import Settings, SettingsError
from einlint.source.gc_pause import gc_paused
from einlint.source.lines import TextMap


@dataclass(frozen=True, slots=True)
class Mode:
    """What becomes of the fixes that reach `threshold`: applied, shown as a diff, or neither.

    reason: findings are silenced by comments with this reason; None leaves them.
    trace: what was recorded of the calls, as evidence.
    verified: of those fixes the only ones to apply; None for all.
    keeps_facts: somebody goes on with the facts that the findings are about.
    """

    fix: bool = False
    diff: bool = False
    threshold: Applicability = Applicability.SAFE
    reason: str | None = None
    trace: TraceIndex | None = None
    verified: Verified | None = None
    keeps_facts: bool = False

    @property
    def writes(self) -> bool:
        """Whether files, and standard input as standard output, are written anew."""
        return (self.fix and not self.diff) or self.reason is not None


@dataclass(slots=True)
class Outcome:
    """What a run has come to so far.

    places: where the findings stand, by file name.
    failures: one text for each file that could not be read, written or checked.
    accepted: how many findings a baseline has taken out.
    outputs: the fixed source of standard input, or the diffs, in the bytes of the files.
    unverified: how many fixes were left because they are not verified.
    traced_files: how many files have calls in the trace.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    places: dict[str, TextMap] = field(default_factory=dict)
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
        self.places |= other.places
        self.outputs += other.outputs
        self.failures += [each for each in other.failures if each not in self.failures]
        self.fixed += other.fixed
        self.changed += other.changed
        self.comments += other.comments
        self.unverified += other.unverified
        self.unknown_equations += other.unknown_equations
        self.changed_since_trace += other.changed_since_trace
        self.traced_files += other.traced_files

    def add(self, filename: str, found: Findings) -> None:
        """Take over what is found in one file; its text is kept if there is something to show."""
        self.diagnostics += found.diagnostics
        self.unknown_equations += found.unknown_equations
        self.changed_since_trace += found.changed_since_trace
        if found.diagnostics:
            self.places[filename] = found.places


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

    @gc_paused()  # until the tree is let go, which findings hold on to
    def _look_at(
        self, filename: str, data: bytes, settings: Settings, write: Callable[[bytes], None]
    ) -> None:
        """Take down what is found, and what is left of it once it is written."""
        document = _document(filename, data, settings, self.mode.trace)
        self.outcome.traced_files += isinstance(document, Script) and document.trace is not None
        if isinstance(document, Findings):
            self._add(filename, document)
        elif self.mode.reason is not None:
            change = document.add_ignore(settings, self.mode.reason)
            self._put(filename, document, change, settings, write)
            self.outcome.comments += change.comments
        elif self.mode.fix or self.mode.diff:
            change = document.fix(settings, self.mode.threshold, self.mode.verified)
            self._put(filename, document, change, settings, write)
            self.outcome.fixed += len(change.fixed)
            self.outcome.unverified += self._left(change)
        else:
            self._add(filename, document.check(settings))

    def _left(self, change: Change) -> int:
        """How many fixes would have been applied if they were verified."""
        if self.mode.verified is None:
            return 0
        left = change.remaining.diagnostics
        return sum(each.is_fixable(self.mode.threshold) for each in left)

    def _add(self, filename: str, found: Findings) -> None:
        self.outcome.add(filename, found if self.mode.keeps_facts else found.without_facts())

    def _put(
        self,
        filename: str,
        before: Document,
        change: Change,
        settings: Settings,
        write: Callable[[bytes], None],
    ) -> None:
        """Write the file or show the difference; what cannot be written is left as it was found."""
        if change.rounds:
            after = before.after(change)
            if self.mode.diff:
                self.outcome.outputs += _diffs(before, after)
            else:
                try:
                    write(after.to_bytes())
                except OSError:
                    self._add(filename, before.check(settings))
                    raise
            self.outcome.changed += 1
        self._add(filename, change.remaining)

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
) -> Document | Findings:
    """The file, or the result of checking it where there is nothing to look at."""
    if filename.endswith(NOTEBOOK):
        return read_notebook(filename, data, settings)
    source = read(filename, data, settings)
    if isinstance(source, Findings):
        return source
    return Script(source, None if trace is None else trace.of(filename))


def _diffs(before: Document, after: Document) -> list[bytes]:
    """One diff for each part that differs."""
    new = after.parts()
    return [unified(name, old, new[name]) for name, old in before.parts().items()]
