"""Run the plans of bench as a job of verify, in which einsum stands for its replacement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from einlint.verify.bench.judge import bench_report
from einlint.verify.bench.plan import BenchPlan
from einlint.verify.bench.report import BenchReport
from einlint.verify.case import Mode
from einlint.verify.running.backend import Backend
from einlint.verify.running.job import CaseGroup, Job
from einlint.verify.running.runner import run_job


@dataclass(frozen=True, slots=True)
class BenchMachine:
    """What to run on. threads, budget: as for any job."""

    device: torch.device
    backend: Backend
    threads: int | None = None
    budget: float | None = None


def bench_job(
    plans: Sequence[BenchPlan],
    dtypes: tuple[str, ...],
    modes: tuple[Mode, ...],
    machine: BenchMachine,
) -> Job:
    """All points of all plans, in the order of their sizes: the cheap ones first."""
    return Job(
        tuple(plan.rewrite for plan in plans),
        skipped=(),
        presets=(),
        given={},
        dtypes=dtypes,
        device=machine.device,
        backend=machine.backend,
        modes=modes,
        threads=machine.threads,
        budget=machine.budget,
        groups=tuple(
            CaseGroup(plan.rewrite, sizes, dtype)
            for plan in plans
            for sizes in plan.grid
            for dtype in dtypes
        ),
    )


def run_bench(
    job: Job, plans: Sequence[BenchPlan], step: Callable[[int], None] = lambda done: None
) -> BenchReport:
    """Run a job of `bench_job`; points beyond the budget or after Ctrl-C are not run.

    step: called with the number of points that were just done or skipped.
    """
    return bench_report(run_job(job, step), [plan.swept for plan in plans])
