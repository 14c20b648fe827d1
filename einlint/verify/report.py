"""The report of verify, as plain data: cases, comparisons, measurements, verdicts."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from einlint.source.places import text_name
from einlint.verify.timing import Clock, Samples

if TYPE_CHECKING:
    from einlint.verify.compared import Compared

Sizes: TypeAlias = tuple[tuple[str, int], ...]
"""The size of every index of an equation, in order of appearance."""

Shapes: TypeAlias = tuple[tuple[int, ...], ...]
"""The shapes of all operands."""

Environment: TypeAlias = tuple[tuple[str, str | int | float | None], ...]
"""Name and value of everything the numbers depend on.

After a run these are among them: `busy`, the share of its time that other programs took (None if
it is unknown), `seconds`, those of the run, and `timed_seconds`, those of the blocks in it.
"""

BUSY_SHARE: Final = 0.05
"""From this share of its time in which a thread waited for the CPU on, the machine is busy."""


class Verdict(StrEnum):
    """The result of a case; a wrong replacement is never timed."""

    FASTER = "faster"
    SAME = "same"
    SLOWER = "slower"
    WRONG = "wrong"
    UNSURE = "unsure"


class Mode(StrEnum):
    """How a side is run: alone, with its gradients, or compiled by torch.compile."""

    FORWARD = "forward"
    BACKWARD = "forward+backward"
    COMPILED = "compiled"


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """The place of a call; in a notebook the line within a numbered code cell."""

    filename: str
    row: int
    cell: int | None = None

    @property
    def place(self) -> str:
        """As text: `a.py:12`, or `a.ipynb:cell 3:12`."""
        return f"{text_name(self.filename, self.cell)}:{self.row}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """How often a program made a call, and the seconds it took, from a trace."""

    calls: int
    seconds: float

    def plus(self, other: "Recorded") -> "Recorded":
        """The sum of both."""
        return Recorded(self.calls + other.calls, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Recorded sizes and dtype of a call. shapes: None if the sizes give them."""

    sizes: Sizes
    shapes: Shapes | None
    dtype: str
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Case:
    """One way to run a call and its replacement.

    shapes: shapes of the operands; None if the sizes give them, that is, where nothing broadcasts
        and `...` is one axis.
    recorded: how often a trace has this case; None without a trace.
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
        the exact result for integers; None if the shapes differ.
    fault: what is wrong with the replacement; None if it is right.
    """

    error_original: float | None
    error_replacement: float | None
    same_shape: bool
    same_dtype: bool
    same_strides: bool
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds of one call over the blocks: their median, interquartile range, and mean."""

    median: float
    iqr: float
    mean: float


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kernel of a device: launches in one run, and their total seconds."""

    name: str
    launches: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one side costs.

    seconds: by the wall clock. cpu_seconds, device_seconds: None where these clocks do not run.
    peak_bytes: peak memory allocated beyond the operands; None if unknown.
    operators: how many operators torch dispatches. kernels: the kernels launched on the device.
    samples: the blocks that were timed.
    """

    seconds: Spread
    peak_bytes: int | None
    operators: int
    kernels: tuple[Kernel, ...] | None
    cpu_seconds: Spread | None = None
    device_seconds: Spread | None = None
    samples: Samples = ()

    def on(self, clock: Clock) -> Spread | None:
        """The seconds by a clock; None if it did not run."""
        match clock:
            case Clock.WALL:
                return self.seconds
            case Clock.CPU:
                return self.cpu_seconds
        return self.device_seconds

    @property
    def launches(self) -> int | None:
        """How many kernels are launched; None if unknown."""
        return None if self.kernels is None else sum(each.launches for each in self.kernels)


@dataclass(frozen=True, slots=True)
class Speedup:
    """Time of the original / time of the replacement: the median visit, and an interval."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CandidateResult:
    """One of the other spellings of a case; its speedup is that of the original / its own time."""

    text: str
    verdict: Verdict
    comparison: Comparison | None = None
    speedup: Speedup | None = None
    measurement: Measurement | None = None
    note: str | None = None


def ranked(
    candidates: Iterable[CandidateResult],
) -> tuple[tuple[str, CandidateResult], ...]:
    """Candidates with their ranks as text, the fastest first; wrong ones last, without a rank."""
    ordered = sorted(candidates, key=lambda each: -each.speedup.median if each.speedup else 0.0)
    return tuple(
        (f"{place}." if each.speedup else "-", each) for place, each in enumerate(ordered, 1)
    )


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one case.

    speedup: by `clock`, and the verdict too: the wall clock, or the CPU time of the thread where
        others kept the machine busy.
    busy: the share of its time in which the thread waited for the CPU; None if that is unknown.
    wall_speedup, cpu_speedup, device_speedup: by each clock that ran.
    note: why it is wrong or not measured, or what autocast changes.
    candidates: further spellings of the call.
    """

    case: Case
    verdict: Verdict
    comparison: Comparison | None = None
    speedup: Speedup | None = None
    original: Measurement | None = None
    replacement: Measurement | None = None
    note: str | None = None
    clock: Clock = Clock.WALL
    busy: float | None = None
    wall_speedup: Speedup | None = None
    cpu_speedup: Speedup | None = None
    device_speedup: Speedup | None = None
    candidates: tuple[CandidateResult, ...] = ()

    @property
    def samples(self) -> tuple[Samples, ...]:
        """The blocks of all sides that were timed."""
        sides = (self.original, self.replacement, *(each.measurement for each in self.candidates))
        return tuple(each.samples for each in sides if each is not None)


@dataclass(frozen=True, slots=True)
class RewriteResult:
    """The cases of one rewrite: those that ran, and those that did not fit in the budget."""

    equation: str
    original: str
    replacement: str
    sites: tuple[Site, ...]
    cases: tuple[Result, ...]
    not_run: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A call with a fix that cannot be verified, and why."""

    site: Site
    reason: str


@dataclass(frozen=True, slots=True)
class Saving:
    """The time that the rewrites would save in a recorded program, in seconds of einsum's time.

    recorded: the total. measured: the part of cases with a known speed-up.
    unmeasured: the part of cases that did not run, or have no speed-up.
    saved: low and high are sums over the bounds of the speed-ups.
    """

    recorded: float
    measured: float
    unmeasured: float
    saved: Speedup


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Everything that one run of verify found.

    environment: name and value of everything the numbers depend on.
    interrupted: the user stopped it.
    saving: with a trace, the time that all rewrites together would save.
    compared: what changed since an old report.
    """

    environment: Environment
    results: tuple[RewriteResult, ...]
    skipped: tuple[Skipped, ...] = ()
    interrupted: bool = False
    saving: Saving | None = None
    compared: "Compared | None" = None

    @property
    def cases(self) -> tuple[Result, ...]:
        """The results of all cases that ran."""
        return tuple(case for result in self.results for case in result.cases)

    @property
    def not_run(self) -> int:
        """How many cases did not run."""
        return sum(len(result.not_run) for result in self.results)

    def count(self, verdict: Verdict) -> int:
        """How many cases have this verdict."""
        return sum(result.verdict is verdict for result in self.cases)

    def fails(self, min_speedup: float | None) -> bool:
        """Whether a replacement is wrong, or certainly slower than `min_speedup`."""
        if self.count(Verdict.WRONG):
            return True
        speedups = (result.speedup for result in self.cases if result.speedup is not None)
        return min_speedup is not None and any(each.high < min_speedup for each in speedups)
