"""What a check reports: diagnostics with offsets, the fact each is about, and perhaps a fix."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Protocol

from einlint.rewriting.assumptions import Assumption


class Severity(StrEnum):
    """ERROR: the call is rejected or the file unreadable; WARNING: everything else."""

    ERROR = "error"
    WARNING = "warning"


class Applicability(IntEnum):
    """Whether a fix may be applied: shown only, on request, or by plain --fix."""

    DISPLAY = 0
    UNSAFE = 1
    SAFE = 2


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `content` in place of what stands in text[start:end] (offsets in characters)."""

    start: int
    end: int
    content: str


@dataclass(frozen=True, slots=True)
class UnusedImport:
    """A name that is imported and no longer used; `offset` is where the import names it."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """An assumption of a fix, and whether the settings grant it."""

    assumption: Assumption
    granted: bool

    @property
    def is_met(self) -> bool:
        """Proved by evidence or granted by the settings."""
        return self.granted or self.assumption.is_proved


@dataclass(frozen=True, slots=True)
class Fix:
    """The edits that mend what the finding is about; without edits it can only be shown.

    annotation: what a comment beside the replacement may keep: the equation that it replaces.
    """

    message: str
    edits: tuple[Edit, ...]
    requirements: tuple[Requirement, ...] = ()
    annotation: str | None = None

    @property
    def applicability(self) -> Applicability:
        """SAFE when every assumption is met, else UNSAFE; DISPLAY when no text can be written."""
        if not self.edits:
            return Applicability.DISPLAY
        met = all(requirement.is_met for requirement in self.requirements)
        return Applicability.SAFE if met else Applicability.UNSAFE

    def reaches(self, threshold: Applicability) -> bool:
        """Whether it edits something, and may be applied where `threshold` is asked for."""
        return bool(self.edits) and self.applicability >= threshold

    @property
    def unmet(self) -> tuple[Assumption, ...]:
        """The assumptions that keep the fix from being safe."""
        return tuple(each.assumption for each in self.requirements if not each.is_met)


@dataclass(frozen=True, slots=True)
class Seen:
    """How often a trace has seen a call, and its share of the time of all recorded calls."""

    calls: int
    share: float

    @property
    def text(self) -> str:
        """The same in words."""
        calls = counted(self.calls, "call")
        return f"{100 * self.share:.1f} % of the program's einsum time ({calls})"


@dataclass(frozen=True, slots=True)
class Description:
    """What a report says of a fact.

    canonical, kind, roles: None for an invalid equation.
    seen: what a trace says of it, None without one.
    function: the dotted name of the function around it, empty outside of any.
    """

    api: str | None = None
    equation: str | None = None
    canonical: str | None = None
    kind: str | None = None
    roles: tuple[tuple[str, str], ...] | None = None
    seen: Seen | None = None
    function: str = ""


class Fact(Protocol):
    """What a rule judges: something that was found in a source, from one offset to another."""

    @property
    def start(self) -> int:
        """Where the first of its expressions starts."""

    @property
    def end(self) -> int:
        """Where the first of its expressions ends."""

    @property
    def description(self) -> Description:
        """What reports say of it."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about text[start:end], the text being that of the file, or of all cells.

    An empty one is about a place: that is where Python gave up.

    about: what is said of the fact that was judged; None where the finding is about no fact.
    fact: that fact itself, for those who go on with it. It holds on to its file, so that it is
        left behind where many files are reported.
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
    fact: Fact | None = field(default=None, compare=False, repr=False)

    def is_fixable(self, threshold: Applicability) -> bool:
        """Whether it has a fix that edits something and reaches `threshold`."""
        return self.fix is not None and self.fix.reaches(threshold)


def counted(count: int, noun: str, plural: str = "") -> str:
    """How many there are of something, as in `1 call` and `1,200 calls`."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {plural or f'{noun}s'}"
