"""What verify says: cases, comparisons, measurements and verdicts, as plain data."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from einlint.source.places import text_name

Sizes: TypeAlias = tuple[tuple[str, int], ...]
"""The size of every index of an equation, in order of appearance."""

Shapes: TypeAlias = tuple[tuple[int, ...], ...]
"""The shapes of all operands."""

Environment: TypeAlias = tuple[tuple[str, str | int | float | None], ...]
"""What the numbers depend on, by name."""


class Verdict(StrEnum):
    """What came of a case; a wrong replacement is never timed."""

    FASTER = "faster"
    SAME = "same"
    SLOWER = "slower"
    WRONG = "wrong"
    UNSURE = "unsure"


class Mode(StrEnum):
    """What is run: the call alone, with its gradients, or compiled by torch.compile."""

    FORWARD = "forward"
    BACKWARD = "forward+backward"
    COMPILED = "compiled"


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """Where a call stands; in a notebook the row counts in its code cell, which is numbered."""

    filename: str
    row: int
    cell: int | None = None

    @property
    def place(self) -> str:
        """For people: `a.py:12`, or `a.ipynb:cell 3:12`."""
        return f"{text_name(self.filename, self.cell)}:{self.row}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """How often a program made a call, and how long that took, as a trace has it."""

    calls: int
    seconds: float

    def plus(self, other: "Recorded") -> "Recorded":
        """Both together."""
        return Recorded(self.calls + other.calls, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Sizes and a dtype that a call really had. shapes: None where the sizes say them."""

    sizes: Sizes
    shapes: Shapes | None
    dtype: str
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Case:
    """One way to run a call and its replacement.

    shapes: those of the operands; None where the sizes say them, as wherever nothing broadcasts
        and `...` is one axis.
    recorded: how often this occurred, by a trace; None without one.
    """

    sizes: Sizes
    dtype: str
    device: str
    mode: Mode
    shapes: Shapes | None = None
    recorded: Recorded | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the two results differ.

    error_original, error_replacement: the largest distance from the result in float64, or from
        the exact one for integers; None where the shapes do not allow to tell.
    fault: what is wrong with the replacement; None where nothing is.
    """

    error_original: float | None
    error_replacement: float | None
    same_shape: bool
    same_dtype: bool
    same_strides: bool
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds a run: the median of the blocks, and the distance of their quartiles."""

    median: float
    iqr: float


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kernel of a device: how often a run launches it, and its seconds there in sum."""

    name: str
    launches: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one side costs.

    peak_bytes: the most that is allocated at once beyond the operands; None if unknown.
    operators: how many operators torch dispatches. kernels: what the device is sent.
    """

    seconds: Spread
    peak_bytes: int | None
    operators: int
    kernels: tuple[Kernel, ...] | None

    @property
    def launches(self) -> int | None:
        """How many kernels the device is sent; None if unknown."""
        return None if self.kernels is None else sum(each.launches for each in self.kernels)


@dataclass(frozen=True, slots=True)
class Speedup:
    """Seconds of the original over those of the replacement; low and high are the interval."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case. note: why it is wrong, or not measured, or what autocast changes."""

    case: Case
    verdict: Verdict
    comparison: Comparison | None = None
    speedup: Speedup | None = None
    original: Measurement | None = None
    replacement: Measurement | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RewriteResult:
    """The cases of one rewrite: those that ran, and those for which no time was left."""

    equation: str
    original: str
    replacement: str
    sites: tuple[Site, ...]
    cases: tuple[Result, ...]
    not_run: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A call that has a fix and cannot be run by itself."""

    site: Site
    reason: str


@dataclass(frozen=True, slots=True)
class Saving:
    """What rewrites would take off a recorded program, in seconds of einsum's time.

    recorded: all of it. measured: that of the cases whose speedup is known.
    unmeasured: that of the cases which did not run, or came to no speedup.
    saved: low and high are the sums of what the bounds of the speedups come to.
    """

    recorded: float
    measured: float
    unmeasured: float
    saved: Speedup


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Everything that one run of verify found out.

    environment: name -> value of what the numbers depend on.
    interrupted: the user stopped it.
    saving: with a trace, what it all comes to.
    """

    environment: Environment
    results: tuple[RewriteResult, ...]
    skipped: tuple[Skipped, ...] = ()
    interrupted: bool = False
    saving: Saving | None = None

    @property
    def cases(self) -> tuple[Result, ...]:
        """What came of every case that ran."""
        return tuple(case for result in self.results for case in result.cases)

    @property
    def not_run(self) -> int:
        """How many cases did not run."""
        return sum(len(result.not_run) for result in self.results)

    def count(self, verdict: Verdict) -> int:
        """How many cases came to `verdict`."""
        return sum(result.verdict is verdict for result in self.cases)

    def fails(self, min_speedup: float | None) -> bool:
        """Whether a replacement is wrong, or surely below the speedup that is asked for."""
        if self.count(Verdict.WRONG):
            return True
        speedups = (result.speedup for result in self.cases if result.speedup is not None)
        return min_speedup is not None and any(each.high < min_speedup for each in speedups)
