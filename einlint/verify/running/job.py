"""Job: what to verify and how; its case groups share sizes, dtype and comparison."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch

from einlint.verify.case import Case, Mode, Origin, Recorded, Shapes, Site, Sizes, SizeSource
from einlint.verify.case_sizes import CaseSizes, Sizing, case_sizes
from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.report import Skipped
from einlint.verify.running.backend import Backend
from einlint.verify.running.profiles import Profiles
from einlint.verify.running.runnable import dtype_named, modes_of


@dataclass(frozen=True, slots=True)
class Job:
    """What to verify, and how.

    given, given_at, presets_after_code: see `Sizing`.
    threads: None for torch's default. budget: seconds; None for no limit.
    profiles: writes profiles of both sides, if wanted.
    flush_l2: empty the L2 cache of the device before each call.
    tf32: whether matrix products of float32 may use TF32; None for torch's own choice.
    recorded: with a trace, the seconds of all its calls; then only its sizes and dtypes are run.
    groups: what to run, in order, if it is neither sizes nor a trace that says so.
    """

    rewrites: tuple[FoundRewrite, ...]
    skipped: tuple[Skipped, ...]
    presets: tuple[str, ...]
    given: Mapping[str, int]
    dtypes: tuple[str, ...]
    device: torch.device
    backend: Backend
    modes: tuple[Mode, ...] = (Mode.FORWARD, Mode.BACKWARD)
    threads: int | None = None
    budget: float | None = None
    profiles: Profiles | None = None
    flush_l2: bool = False
    tf32: bool | None = None
    recorded: float | None = None
    given_at: Mapping[Site, Mapping[str, int]] = field(default_factory=dict)
    presets_after_code: tuple[str, ...] | None = None
    groups: "tuple[CaseGroup, ...] | None" = None

    @property
    def thread_count(self) -> int:
        """The number of threads torch uses."""
        return self.threads or torch.get_num_threads()


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """The cases of one rewrite that share sizes and dtype, and so their comparison."""

    rewrite: FoundRewrite
    sizes: Sizes
    dtype: str
    shapes: Shapes | None = None
    recorded: Recorded | None = None
    origin: Origin | None = None

    def cases(self, job: Job) -> tuple[Case, ...]:
        """One case for each mode."""
        modes = modes_of(dtype_named(self.dtype), job.modes)
        return tuple(self.case(job, mode) for mode in modes)

    def case(self, job: Job, mode: Mode) -> Case:
        """The case for one mode."""
        device = str(job.device)
        return Case(self.sizes, self.dtype, device, mode, self.shapes, self.recorded, self.origin)


def case_count(job: Job) -> int:
    """The number of cases of a job."""
    return sum(len(group.cases(job)) for group in case_groups(job))


def case_groups(job: Job) -> Iterator[CaseGroup]:
    """The case groups in order of importance: a budget may cut off the rest.

    With a trace the most expensive ones come first; without one the first sizes of all rewrites
    come before the second sizes of any.
    """
    if job.groups is not None:
        return iter(job.groups)
    return _sized_groups(job) if job.recorded is None else iter(_traced_groups(job))


def _traced_groups(job: Job) -> list[CaseGroup]:
    pairs = [(rewrite, each) for rewrite in job.rewrites for each in rewrite.occurrences]
    return [
        CaseGroup(
            rewrite,
            each.sizes,
            each.dtype,
            each.shapes,
            each.recorded if rewrite.pair.attention is None else None,
            Origin((SizeSource.TRACE,) * len(each.sizes)),
        )
        for rewrite, each in sorted(pairs, key=lambda pair: -pair[1].recorded.seconds)
    ]


def sizes_of(job: Job, rewrite: FoundRewrite) -> CaseSizes:
    """The sizes to run a rewrite with, if there is no trace, and what is left out."""
    if job.recorded is not None:
        return CaseSizes(())
    sizing = Sizing(job.presets, job.given, job.given_at, job.presets_after_code)
    return case_sizes(rewrite.pair.equation, rewrite.shown, sizing, rewrite.pair.steps)


def _sized_groups(job: Job) -> Iterator[CaseGroup]:
    sizes_of_rewrites = [sizes_of(job, each).cases for each in job.rewrites]
    for number in range(max(map(len, sizes_of_rewrites), default=0)):
        for rewrite, sizes in zip(job.rewrites, sizes_of_rewrites, strict=True):
            for dtype in job.dtypes if number < len(sizes) else ():
                one = sizes[number]
                yield CaseGroup(rewrite, one.sizes, dtype, one.shapes, origin=one.origin)
