"""Run the plans of bench as a job of verify, in which einsum stands for its replacement."""

from collections.abc import Callable, Sequence

import torch

from einlint.verify.bench.judge import bench_report
from einlint.verify.bench.plan import BenchPlan
from einlint.verify.bench.report import BenchReport
from einlint.verify.report import Mode
from einlint.verify.running.backend import Backend
from einlint.verify.running.job import CaseGroup, Job
from einlint.verify.running.runner import run_job


def bench_job(
    plans: Sequence[BenchPlan],
    dtypes: tuple[str, ...],
    modes: tuple[Mode, ...],
    device: tuple[torch.device, Backend],
    *,
    threads: int | None = None,
    budget: float | None = None,
) -> Job:
    """All points of all plans, in the order of their sizes: the cheap ones first.

    threads, budget: as for any job.
    """
    groups = tuple(
        CaseGroup(plan.rewrite, sizes, dtype)
        for plan in plans
        for sizes in plan.grid
        for dtype in dtypes
    )
    rewrites = tuple(plan.rewrite for plan in plans)
    options = (dtypes, *device, modes)
    return Job(rewrites, (), (), {}, *options, threads=threads, budget=budget, groups=groups)


def run_bench(
    job: Job, plans: Sequence[BenchPlan], step: Callable[[int], None] = lambda done: None
) -> BenchReport:
    """Run a job of `bench_job`; points beyond the budget or after Ctrl-C are not run.

    step: called with the number of points that were just done or skipped.
    """
    return bench_report(run_job(job, step), [plan.swept for plan in plans])
