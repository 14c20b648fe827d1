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
from einlint.settings import Settings
from einlint.source.gc_pause import gc_paused
from einlint.source.lines import TextMap
from einlint.unusable import UnusableError


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
    unused: the imports that fixes have left without a use, each with its place.
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
    unused: list[str] = field(default_factory=list)

    def note(self, error: Exception, filename: str) -> None:
        """Remember that a file or folder, or the settings there, could not be used."""
        failure = _in_words(error, filename)
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
        self.unused += other.unused

    def add(self, filename: str, found: Findings) -> None:
        """Take over what is found in one file; its text is kept if there is something to show."""
        self.diagnostics += found.diagnostics
        self.unknown_equations += found.unknown_equations
        self.changed_since_trace += found.changed_since_trace
        if found.diagnostics:
            self.places[filename] = found.places


def _nothing() -> None:
    """What a process that has no parent to ask does before it writes."""


@dataclass(frozen=True, slots=True)
class Run:
    """One mode for all files of a run, and what comes of them.

    before_writing: is called just before a file is written, and may end the process.
    """

    mode: Mode
    outcome: Outcome = field(default_factory=Outcome)
    before_writing: Callable[[], None] = _nothing

    def file(self, path: Path, settings: Settings) -> None:
        """Check one file on disk, and fix it if the mode says so."""
        with self.noting_failures(str(path)):
            if path.exists() and not path.is_file():
                raise OSError("not a regular file")
            data = path.read_bytes()
            self._look_at(
                str(path), data, settings, lambda fixed: self._write(path, fixed, over=data)
            )

    def _write(self, path: Path, fixed: bytes, *, over: bytes) -> None:
        """Write a file that still holds the bytes that were read."""

        def look_again() -> None:
            self.before_writing()
            if path.read_bytes() != over:
                raise UnusableError(f"{path}: another program has changed it meanwhile: left alone")

        write_atomically(path, fixed, look_again)

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
            self.outcome.unused += _unused(filename, change)
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
        except Exception as error:  # noqa: BLE001 -- told, with exit code 2
            self.outcome.note(error, filename)


def _in_words(error: Exception, filename: str) -> str:
    """What went wrong with a file; what nobody expected is told with its trace."""
    if isinstance(error, UnusableError):
        return str(error)
    if isinstance(error, OSError):
        return f"{filename}: {error.strerror or error}"
    if isinstance(error, RuleError):
        return f"internal error: {error}"
    return f"internal error in {filename}:\n{''.join(traceback.format_exception(error))}"


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


def _unused(filename: str, change: Change) -> list[str]:
    """The imports that the fixes leave without a use, each with its place."""
    found = (
        (each.name, change.remaining.places.place(each.offset, each.offset))
        for each in change.unused
    )
    return [f"{name}, {at.text_name(filename)}:{at.start.row}" for name, at in found]


def _diffs(before: Document, after: Document) -> list[bytes]:
    """One diff for each part that differs."""
    new = after.parts()
    return [unified(name, old, new[name]) for name, old in before.parts().items()]
