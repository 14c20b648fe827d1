"""What a check reports: diagnostics with a range, the facts of the call, and perhaps a fix."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

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


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text: row and column from 1, columns in Unicode characters."""

    row: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """From `start` up to and without `end`."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `content` in place of what stands in text[start:end] (offsets in characters)."""

    start: int
    end: int
    content: str
    range: Range


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
    """Edits inside the call that the finding is about; without edits it can only be shown.

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
        calls = "1 call" if self.calls == 1 else f"{self.calls:,} calls"
        return f"{100 * self.share:.1f} % of the program's einsum time ({calls})"


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The einsum call that a finding is about.

    canonical, kind, roles: None for an invalid equation.
    seen: what a trace says of it, None without one.
    function: the dotted name of the function around it, empty outside of any.
    """

    api: str
    equation: str
    canonical: str | None = None
    kind: str | None = None
    roles: tuple[tuple[str, str], ...] | None = None
    seen: Seen | None = None
    function: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    cell: the 1-based code cell of a notebook, in which `range` and the edits of the fix count.
    in_file: the range in the text of the notebook itself; None where that is `range`.
    """

    code: str
    name: str
    message: str
    severity: Severity
    filename: str
    range: Range
    call: CallFacts | None = None
    fix: Fix | None = None
    notes: tuple[str, ...] = ()
    cell: int | None = None
    in_file: Range | None = None

    @property
    def text_name(self) -> str:
        """What `range` counts in: the file, or `a.ipynb:cell 3`."""
        return text_name(self.filename, self.cell)

    @property
    def place(self) -> str:
        """Where it starts, for people: `a.py:12:5`, or `a.ipynb:cell 3:12:5`."""
        return f"{self.text_name}:{self.range.start.row}:{self.range.start.column}"


def text_name(filename: str, cell: int | None) -> str:
    """How a file, or a code cell of a notebook, is called where people read it."""
    return filename if cell is None else f"{filename}:cell {cell}"
