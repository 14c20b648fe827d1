"""One run over many files: read, check or fix, write, and record failures."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from os.path import exists, isfile, realpath
from typing import TYPE_CHECKING, NamedTuple

from einlint.cli.failures import record, recording
from einlint.diagnostics import (
    Applicability,
    Description,
    Diagnostic,
    Unjudged,
)
from einlint.linting.documents import Document, Script
from einlint.linting.engine import read
from einlint.linting.findings import Change, Findings
from einlint.project.suffixes import NOTEBOOK
from einlint.settings import Settings
from einlint.source.gc_pause import gc_paused
from einlint.source.lines import TextMap
from einlint.unusable import UnusableError

# What needs an option, or a notebook, is imported where it is used: most runs check one script.
if TYPE_CHECKING:
    from einlint.linting.trace_index import TraceIndex
    from einlint.linting.verified import Verified
    from einlint.output.applied import Applied
    from einlint.trace.store import Site


class RunOptions(NamedTuple):
    """Whether fixes up to `threshold` are applied, shown as a diff, or neither.

    reason: write ignore comments with this reason; None writes none.
    trace: the recorded calls, as evidence.
    verified: apply only these fixes, and report them whatever they look like; None for all.
    keeps_facts: keep the facts that the findings are about.
    """

    fix: bool = False
    diff: bool = False
    threshold: Applicability = Applicability.SAFE
    reason: str | None = None
    trace: "TraceIndex | None" = None
    verified: "Verified | None" = None
    keeps_facts: bool = False

    @property
    def writes(self) -> bool:
        """Whether files are rewritten, and standard input is printed."""
        return (self.fix and not self.diff) or self.reason is not None


@dataclass(slots=True, eq=False)
class Outcome:
    """The results of a run so far.

    diagnostics: the findings; with those that the policy hides, until `hide` takes them out.
    hidden: the findings that the policy hides.
    covered: those that another finding speaks for.
    calls: every call that rules judge.
    places: where the findings stand, by file name.
    failures: one message for each file that could not be read, written or checked.
    applied: the fixed findings.
    accepted: how many findings a baseline has removed.
    outputs: the fixed source of standard input, or the diffs, in the bytes of the files.
    unverified: how many fixes were not applied because they are not verified.
    changed_since_trace: the recorded calls that are no longer in the source.
    traced_files: the files that have calls in the trace, by their real paths.
    unjudged: how many calls no rule judges, by the reason.
    unused: the imports that fixes left unused, each with its place.
    misspelt: a line for each comment that is meant to silence findings and does not.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    places: dict[str, TextMap] = field(default_factory=dict)
    outputs: list[bytes] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    fixed: int = 0
    applied: list["Applied"] = field(default_factory=list)
    changed: int = 0
    comments: int = 0
    unverified: int = 0
    accepted: int = 0
    unjudged: Counter[Unjudged] = field(default_factory=Counter)
    changed_since_trace: set["Site"] = field(default_factory=set)
    traced_files: set[str] = field(default_factory=set)
    unused: list[str] = field(default_factory=list)
    hidden: list[Diagnostic] = field(default_factory=list)
    covered: list[Diagnostic] = field(default_factory=list)
    calls: list[Description] = field(default_factory=list)
    misspelt: list[str] = field(default_factory=list)

    def record_failure(self, error: Exception, filename: str) -> None:
        """Record that a file, a folder or its settings could not be used."""
        record(self.failures, error, filename)

    def extend(self, other: "Outcome") -> None:
        """Add the results of later files."""
        self.diagnostics += other.diagnostics
        self.places |= other.places
        self.outputs += other.outputs
        self.failures += [each for each in other.failures if each not in self.failures]
        self.fixed += other.fixed
        self.applied += other.applied
        self.changed += other.changed
        self.comments += other.comments
        self.unverified += other.unverified
        self.unjudged += other.unjudged
        self.changed_since_trace |= other.changed_since_trace
        self.traced_files |= other.traced_files
        self.unused += other.unused
        self.misspelt += other.misspelt
        self.calls += other.calls

    def hide(self) -> None:
        """Take out the findings that the policy hides; a baseline is compared with all before."""
        self.covered = [each for each in self.diagnostics if each.is_covered]
        self.hidden = [each for each in self.diagnostics if each.is_hidden and not each.is_covered]
        self.diagnostics = [each for each in self.diagnostics if not each.is_hidden]

    def add(self, filename: str, found: Findings) -> None:
        """Add what is found in one file; its text is kept only if it has findings to show."""
        self.diagnostics += found.diagnostics
        self.calls += found.calls
        self.unjudged.update(found.unjudged)
        self.changed_since_trace |= found.changed_since_trace
        self.misspelt += _misspelt(filename, found)
        if found.diagnostics:
            self.places[filename] = found.places


def _nothing() -> None:
    """The `before_writing` of a process without a parent."""


class Run(NamedTuple):
    """The options of a run over many files, and its outcome.

    before_writing: called just before a file is written; it may end the process.
    """

    options: RunOptions
    outcome: Outcome
    before_writing: Callable[[], None] = _nothing

    def check_file(self, name: str, settings: Settings) -> None:
        """Check one file on disk, or fix it if the options say so."""
        with self.recording_failures(name):
            if exists(name) and not isfile(name):
                raise OSError("not a regular file")
            data = content_of(name)
            self._check_or_fix(
                name, data, settings, lambda fixed: self._write(name, fixed, over=data)
            )

    def _write(self, name: str, fixed: bytes, *, over: bytes) -> None:
        """Write a file, unless another program has changed it since it was read."""
        from pathlib import Path

        from einlint.project.files import write_atomically

        def check_again() -> None:
            self.before_writing()
            if content_of(name) != over:
                reason = "another program changed it during the run"
                raise UnusableError(f"{name}: {reason}: it was not written; run again")

        write_atomically(Path(name), fixed, check_again)

    def check_standard_input(self, filename: str, data: bytes, settings: Settings) -> None:
        """Check or fix standard input; fixed source becomes an output."""
        output = [data]
        with self.recording_failures(filename):
            self._check_or_fix(filename, data, settings, lambda fixed: output.append(fixed))
        self.pass_through(output[-1])

    def pass_through(self, data: bytes) -> None:
        """Print unchanged standard input where the options rewrite files."""
        if self.options.writes:
            self.outcome.outputs.append(data)

    @gc_paused()  # until the tree is let go, which findings hold on to
    def _check_or_fix(
        self, filename: str, data: bytes, settings: Settings, write: Callable[[bytes], None]
    ) -> None:
        """Check, fix or silence one file, and add the results to the outcome."""
        document = _document(filename, data, settings, self.options.trace)
        if isinstance(document, Script) and document.trace is not None:
            self.outcome.traced_files.add(realpath(filename))
        if isinstance(document, Findings):
            self._add(filename, document)
        elif self.options.reason is not None:
            change = document.add_ignore(settings, self.options.reason)
            self._write_change(filename, document, change, settings, write)
            self.outcome.comments += change.comments
        elif self.options.fix or self.options.diff:
            change = document.fix(settings, self.options.threshold, self.options.verified)
            self._write_change(filename, document, change, settings, write)
            self.outcome.fixed += len(change.fixed)
            self.outcome.applied += _applied(change)
            self.outcome.unverified += self._unverified_count(change)
            self.outcome.unused += _unused(filename, change)
        else:
            self._add(filename, document.check(settings, self.options.verified))

    def _unverified_count(self, change: Change) -> int:
        """How many more fixes would be applied if they were verified."""
        if self.options.verified is None:
            return 0
        left = change.remaining.applied
        return sum(each.is_fixable(self.options.threshold) for each in left)

    def _add(self, filename: str, found: Findings) -> None:
        self.outcome.add(filename, found if self.options.keeps_facts else found.without_facts())

    def _write_change(
        self,
        filename: str,
        before: Document,
        change: Change,
        settings: Settings,
        write: Callable[[bytes], None],
    ) -> None:
        """Write the file or keep its diff; if writing fails, report the original findings."""
        if change.rounds:
            after = before.after(change)
            if self.options.diff:
                self.outcome.outputs += _diffs(before, after)
            else:
                try:
                    write(after.to_bytes())
                except OSError:
                    self._add(filename, before.check(settings, self.options.verified))
                    raise
            self.outcome.changed += 1
        self._add(filename, change.remaining)

    def recording_failures(self, filename: str) -> AbstractContextManager[None]:
        """Record an error of one file for the end of the run; go on with the other files."""
        return recording(self.outcome.failures, filename)


def content_of(name: str) -> bytes:
    """The bytes of a file."""
    with open(name, "rb") as file:
        return file.read()


def _document(
    filename: str, data: bytes, settings: Settings, trace: "TraceIndex | None"
) -> Document | Findings:
    """The parsed file, or a finished result if there is nothing to check in it."""
    if filename.endswith(NOTEBOOK):
        from einlint.notebook.notebook import read_notebook

        return read_notebook(filename, data, settings)
    source = read(filename, data, settings)
    if isinstance(source, Findings):
        return source
    return Script(source, None if trace is None else trace.of(filename))


def _applied(change: Change) -> list["Applied"]:
    """The fixed findings, in the order of the new text."""
    from einlint.output.applied import Applied

    places = change.remaining.places
    pairs = sorted(zip(change.fixed_at, change.fixed, strict=True), key=lambda pair: pair[0])
    return [Applied.of(fixed, places.place(at, at)) for at, fixed in pairs]


def _unused(filename: str, change: Change) -> list[str]:
    """The imports that the fixes leave without a use, each with its place."""
    places = change.remaining.places
    return [f"{each.name}, {_line(each.offset, filename, places)}" for each in change.unused]


def _misspelt(filename: str, found: Findings) -> list[str]:
    """A line for each comment that silences nothing though it is meant to."""
    return [
        f"{_line(each.offset, filename, found.places)}: "
        f"`{each.text}` silences nothing: {each.fault}"
        for each in found.misspelt
    ]


def _line(offset: int, filename: str, places: TextMap) -> str:
    """The place of an offset for people: `a.py:12`, or `a.ipynb:cell 3:12`."""
    at = places.place(offset, offset)
    return f"{at.text_name(filename)}:{at.start.row}"


def _diffs(before: Document, after: Document) -> list[bytes]:
    """One diff for each part (file or cell) that differs."""
    new = after.parts()
    from einlint.output.diffs import unified

    return [unified(name, old, new[name]) for name, old in before.parts().items()]
