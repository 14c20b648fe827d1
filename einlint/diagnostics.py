"""Diagnostics: what a check reports about facts, at offsets, with fixes."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol

from einlint.printable import counted
from einlint.rewriting.assumptions import NOT_SLOWER, Assumption


class Severity(StrEnum):
    """ERROR: the call is rejected or the file unreadable; INFO: works, but costs or limits.

    INFO alone makes no run fail, unless its code was selected on the command line or the run is
    pedantic.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Applicability(IntEnum):
    """Whether a fix may be applied: shown only, on request, or by plain --fix."""

    DISPLAY = 0
    UNSAFE = 1
    SAFE = 2


class Unjudged(StrEnum):
    """Why no rule judges a call, by the name that `--statistics` gives it."""

    NOT_LITERAL = "unknown-equation"
    SEVERAL = "several-equations"
    STAR_IMPORT = "star-import"
    SEVERAL_FUNCTIONS = "several-functions"

    def told(self, count: int) -> str:
        """The line about so many calls."""
        one, many = {
            Unjudged.NOT_LITERAL: (
                "its equation is not literal",
                "their equations are not literal",
            ),
            Unjudged.SEVERAL: (
                "it has one of several equations",
                "each has one of several equations",
            ),
            Unjudged.STAR_IMPORT: ("a star import may rebind einsum",) * 2,
            Unjudged.SEVERAL_FUNCTIONS: (
                "its name may be another function",
                "their names may be other functions",
            ),
        }[self]
        were = "was" if count == 1 else "were"
        return f"{counted(count, 'call')} {were} not judged: {one if count == 1 else many}"


class Edit(NamedTuple):
    """Replace text[start:end] by `content`; offsets count characters."""

    start: int
    end: int
    content: str


class UnusedImport(NamedTuple):
    """An imported name that is no longer used; `offset` is its place in the import."""

    name: str
    offset: int


class Misspelt(NamedTuple):
    """A comment that is meant to silence findings and does not; `fault` says why."""

    text: str
    fault: str
    offset: int


class Requirement(NamedTuple):
    """An assumption of a fix, and whether the settings grant it."""

    assumption: Assumption
    granted: bool

    @property
    def is_met(self) -> bool:
        """Proved by evidence or granted by the settings."""
        return self.granted or self.assumption.is_proved


class Fix(NamedTuple):
    """The edits that fix a finding; without edits the replacement is only shown.

    annotation: the replaced equation, for a comment beside the replacement (`annotate`).
    is_simple: the replacement reads better than the call for everybody.
    """

    message: str
    edits: tuple[Edit, ...]
    requirements: tuple[Requirement, ...] = ()
    annotation: str | None = None
    is_simple: bool = False

    @property
    def applicability(self) -> Applicability:
        """SAFE if all assumptions are met, UNSAFE if not; DISPLAY if no option applies it.

        Without edits there is nothing to apply. And nobody asks for a replacement that may be
        slower: that one is applied where `not-slower` is granted, or a measurement shows it.
        """
        if not self.edits or any(each.name == NOT_SLOWER for each in self.unmet):
            return Applicability.DISPLAY
        return Applicability.UNSAFE if self.unmet else Applicability.SAFE

    def reaches(self, threshold: Applicability) -> bool:
        """Whether it has edits, and is at least as safe as `threshold`."""
        return bool(self.edits) and self.applicability >= threshold

    @property
    def is_worth_reporting(self) -> bool:
        """Whether everybody would apply it: it is safe here, and simple."""
        return self.is_simple and self.reaches(Applicability.SAFE)

    @property
    def unmet(self) -> tuple[Assumption, ...]:
        """The assumptions that keep the fix from being safe."""
        return tuple(each.assumption for each in self.requirements if not each.is_met)


class Seen(NamedTuple):
    """How often a trace has seen a call, and its share of the time of all recorded calls."""

    calls: int
    share: float

    @property
    def text(self) -> str:
        """The numbers as text."""
        calls = counted(self.calls, "call")
        return f"{100 * self.share:.1f} % of the program's einsum time ({calls})"


class Pointer(NamedTuple):
    """The character of an equation that a finding is about; `column` is 0-based.

    offset: its place in the file; None if the equation is not one plain string in the call.
    """

    equation: str
    column: int
    offset: int | None


class Description(NamedTuple):
    """What reports show of a fact.

    canonical, kind, roles: None for an invalid equation.
    seen: what a trace recorded of it; None without a trace.
    function: the dotted name of the function around it; empty at the top level.
    """

    api: str | None = None
    equation: str | None = None
    canonical: str | None = None
    kind: str | None = None
    roles: tuple[tuple[str, str], ...] | None = None
    seen: Seen | None = None
    function: str = ""


class Fact(Protocol):
    """What a rule judges: something found in a source, from one offset to another."""

    @property
    def start(self) -> int:
        """Where the first of its expressions starts."""

    @property
    def end(self) -> int:
        """Where the first of its expressions ends."""

    @property
    def description(self) -> Description:
        """What reports show of it."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about text[start:end] of the file, or of all cells joined.

    An empty range is a single place, as the one at which Python stopped parsing.

    about: what reports show of the judged fact; None if the finding is not about a fact.
    pointer: the character that is wrong, where it is one.
    fact: the judged fact itself. It keeps the syntax tree of its file in memory, so reports on
        many files drop it (`Findings.without_facts`).
    is_pedantic: only `--pedantic` reports it.
    is_hidden: so this run does not; it is counted.
    spans: the other places that it is about. covers: the calls that it speaks for.
    is_covered: another finding speaks for it. No report shows it, and its fix is applied.
    url: the page of its rule, if the settings say where the docs are.
    """

    code: str
    name: str
    message: str
    severity: Severity
    filename: str
    start: int
    end: int
    about: Description | None = None
    fix: Fix | None = None
    notes: tuple[str, ...] = ()
    pointer: Pointer | None = None
    fact: Fact | None = field(default=None, compare=False, repr=False)
    is_pedantic: bool = False
    is_hidden: bool = False
    spans: tuple[tuple[int, int], ...] = ()
    covers: tuple[tuple[int, int], ...] = ()
    is_covered: bool = False
    url: str | None = None

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """All places that it is about, its own first."""
        return ((self.start, self.end), *self.spans)

    def is_fixable(self, threshold: Applicability) -> bool:
        """Whether it has a fix that edits something and reaches `threshold`."""
        return self.fix is not None and self.fix.reaches(threshold)
