"""The report of verify, as plain data: comparisons, measurements, verdicts."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from einlint.verify.case import Case, Site
from einlint.verify.timing import Clock, Samples

if TYPE_CHECKING:
    from einlint.verify.compared import Compared


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


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the two results differ.

    error_original, error_replacement: the largest distance from the result in float64, or from
        the exact result for integers; of a part of a large result. None if the shapes differ.
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
    flops, moved_bytes: of one call, as a dry run counts them; None if compiled, which fuses them.
    """

    seconds: Spread
    peak_bytes: int | None
    operators: int
    kernels: tuple[Kernel, ...] | None
    cpu_seconds: Spread | None = None
    device_seconds: Spread | None = None
    samples: Samples = ()
    flops: int | None = None
    moved_bytes: int | None = None

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
    """The cases of one rewrite: those that ran, and those that did not fit in the budget.

    left_out: the cases that were not planned, and why, as texts.
    """

    equation: str
    original: str
    replacement: str
    sites: tuple[Site, ...]
    cases: tuple[Result, ...]
    not_run: tuple[Case, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A call with a fix that cannot be verified, and why."""

    site: Site
    reason: str


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Calls in a trace that the report does not measure: why, and their seconds of `share`.

    equation: None if it is unknown. share: their part of the time of all recorded calls.
    """

    reason: str
    equation: str | None
    seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A case that took another time in the recorded program than here, in seconds for one call."""

    equation: str
    case: Case
    recorded: float
    measured: float


@dataclass(frozen=True, slots=True)
class Saving:
    """The time that the rewrites would save in a recorded program, in seconds of einsum's time.

    recorded: the total. measured: the part of cases with a known speed-up, without first calls.
    saved: calls times the difference of both sides; low and high with the bounds of the speed-ups.
    differences: the cases in which recorded and measured times are too different to be believed.
    """

    recorded: float
    measured: float
    saved: Speedup
    differences: tuple[Difference, ...] = ()

    @property
    def unmeasured(self) -> float:
        """The rest of the recorded time."""
        return max(0.0, self.recorded - self.measured)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Everything that one run of verify found.

    environment: name and value of everything the numbers depend on.
    interrupted: the user stopped it.
    saving: with a trace, the time that all rewrites together would save.
    unmeasured: what else the trace holds, most expensive first.
    compared: what changed since an old report.
    """

    environment: Environment
    results: tuple[RewriteResult, ...]
    skipped: tuple[Skipped, ...] = ()
    interrupted: bool = False
    saving: Saving | None = None
    unmeasured: tuple[Unmeasured, ...] = ()
    compared: "Compared | None" = None

    @property
    def cases(self) -> tuple[Result, ...]:
        """The results of all cases that ran."""
        return tuple(case for result in self.results for case in result.cases)

    @property
    def not_run(self) -> int:
        """How many cases did not run."""
        return sum(len(result.not_run) for result in self.results)

    @property
    def not_run_reason(self) -> str:
        """Why they did not run."""
        return "interrupted" if self.interrupted else "the budget was spent"

    def is_incomplete(self, *, strict: bool) -> bool:
        """Whether nothing was measured although there was a call to measure; if strict, any call.

        A replacement that is wrong is not measured.
        """
        measured = [any(case.speedup for case in each.cases) for each in self.results]
        if strict:
            return bool(self.skipped) or not all(measured)
        return bool(self.skipped or self.results) and not any(measured)

    def count(self, verdict: Verdict) -> int:
        """How many cases have this verdict."""
        return sum(result.verdict is verdict for result in self.cases)

    def fails(self, min_speedup: float | None) -> bool:
        """Whether a replacement is wrong, or certainly slower than `min_speedup`."""
        if self.count(Verdict.WRONG):
            return True
        speedups = (result.speedup for result in self.cases if result.speedup is not None)
        return min_speedup is not None and any(each.high < min_speedup for each in speedups)
