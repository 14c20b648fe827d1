"""Run the cases: compare first, then time, until all are done or the budget is spent."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import inf

import torch

from einlint.verify.case_sizes import distinct_sizes
from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.report import (
    Case,
    Comparison,
    Mode,
    Result,
    RewriteResult,
    Verdict,
    VerifyReport,
)
from einlint.verify.running.autocast_dtypes import autocast_note
from einlint.verify.running.backend import is_out_of_memory
from einlint.verify.running.compare import Difference
from einlint.verify.running.correctness import ComparisonInputs, compare_sides
from einlint.verify.running.environment import environment
from einlint.verify.running.job import CaseGroup, Job, case_groups, sizes_of
from einlint.verify.running.measure import NoTimeError, measurement, paired_seconds
from einlint.verify.running.probe import ProbeFault, find_right_reading
from einlint.verify.running.runnable import dtype_named, random_operands, runnable
from einlint.verify.running.tensors import shapes_in
from einlint.verify.saving import saving_of
from einlint.verify.verdict import speedup_of, verdict_of


@dataclass(slots=True)
class _State:
    """The results of a job so far; kept outside the loop, so that Ctrl-C loses nothing."""

    job: Job
    started: float = field(default_factory=lambda: time.monotonic())
    replacements: dict[FoundRewrite, str] = field(default_factory=dict)
    wrong: set[FoundRewrite] = field(default_factory=set)
    autocast_noted: set[FoundRewrite] = field(default_factory=set)
    results: dict[FoundRewrite, list[Result]] = field(default_factory=dict)

    @property
    def seconds_left(self) -> float:
        budget = self.job.budget
        return inf if budget is None else self.started + budget - time.monotonic()

    def add(self, rewrite: FoundRewrite, result: Result) -> None:
        self.results.setdefault(rewrite, []).append(result)


def run_job(job: Job, step: Callable[[int], None] = lambda done: None) -> VerifyReport:
    """Run a job and return its report; cases beyond the budget or after Ctrl-C are not run.

    step: called with the number of cases that were just done or skipped.
    """
    run = _State(job)
    interrupted = False
    threads = torch.get_num_threads()
    torch.set_num_threads(job.thread_count)
    try:
        _probe(run)
        for group in case_groups(job):
            if group.rewrite not in run.wrong and group.rewrite in run.replacements:
                _run_group(run, group)
            step(len(group.cases(job)))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        torch.set_num_threads(threads)
    return _report(run, interrupted)


def _probe(run: _State) -> None:
    """Test all rewrites on small operands first: fast, and it finds most faults."""
    for rewrite in run.job.rewrites:
        if run.seconds_left <= 0:
            return
        replacement, fault = find_right_reading(rewrite)
        run.replacements[rewrite] = replacement
        if fault is not None:
            run.wrong.add(rewrite)
            run.add(rewrite, _wrong_result(rewrite, fault))


def _wrong_result(rewrite: FoundRewrite, fault: ProbeFault) -> Result:
    name = str(fault.dtype).removeprefix("torch.")
    compared = Comparison(
        None,
        None,
        same_shape=not fault.found & {Difference.SHAPE, Difference.RAISES},
        same_dtype=not fault.found & {Difference.DTYPE, Difference.RAISES},
        same_strides=False,
        fault=fault.text,
    )
    case = Case(distinct_sizes(rewrite.pair.equation), name, "cpu", Mode.FORWARD)
    return Result(case, Verdict.WRONG, compared, note=fault.text)


def _run_group(run: _State, group: CaseGroup) -> None:
    """Compare, then time each mode if the replacement is right."""
    job, cases = run.job, group.cases(run.job)
    if run.seconds_left <= 0:
        return
    replacement = run.replacements[group.rewrite]
    try:
        compared = _compare(job, group, replacement)
    except RuntimeError as error:
        for case in cases:
            run.add(group.rewrite, _failure(case, None, error))
        return
    for case in cases:
        if compared.fault is not None:
            run.add(group.rewrite, Result(case, Verdict.WRONG, compared, note=compared.fault))
            continue
        result = _time_or_fail(run, group, case, compared)
        if result is not None:
            run.add(group.rewrite, _with_autocast_note(run, group, result))


def _with_autocast_note(run: _State, group: CaseGroup, result: Result) -> Result:
    """Add what autocast changes to the first result of a rewrite."""
    if result.note is not None or group.rewrite in run.autocast_noted:
        return result
    run.autocast_noted.add(group.rewrite)
    replacement = run.replacements[group.rewrite]
    return replace(result, note=autocast_note(group.rewrite.pair, replacement, run.job.device))


def _compare(job: Job, group: CaseGroup, replacement: str) -> Comparison:
    exact = job.device if job.backend.has_float64 else torch.device("cpu")
    shapes = shapes_in(group.rewrite.pair.equation, group.case(job, Mode.FORWARD))
    inputs = ComparisonInputs(shapes, dtype_named(group.dtype), job.device, exact)
    return compare_sides(group.rewrite, replacement, inputs)


def _time_or_fail(run: _State, group: CaseGroup, case: Case, compared: Comparison) -> Result | None:
    """Time a case; None if no time is left for it."""
    try:
        return _time(run, group, case, compared)
    except NoTimeError:
        return None
    except RuntimeError as error:
        return _failure(case, compared, error)


def _time(run: _State, group: CaseGroup, case: Case, compared: Comparison) -> Result:
    job, pair = run.job, group.rewrite.pair
    if run.seconds_left <= 0:
        raise NoTimeError
    shapes = shapes_in(pair.equation, case)
    operands = random_operands(shapes, dtype_named(group.dtype), job.device)
    sides = (
        runnable(pair.original, pair.names, operands, case.mode),
        runnable(run.replacements[group.rewrite], pair.names, operands, case.mode),
    )
    before, after = (side.timer(job.backend, job.thread_count) for side in sides)
    between = (job.backend.flusher(job.device),) if job.flush_l2 and job.backend.flusher else ()
    times = paired_seconds(before, after, run.seconds_left, *between)
    speedup = speedup_of(*times)
    original, replacement = (
        measurement(side, seconds, job.backend, job.device)
        for side, seconds in zip(sides, times, strict=True)
    )
    if job.profiles is not None:
        job.profiles.write(str(pair.equation), case, *sides)
    return Result(case, verdict_of(speedup), compared, speedup, original, replacement)


def _failure(case: Case, compared: Comparison | None, error: RuntimeError) -> Result:
    """The result of a case that ran out of memory, or whose call does not run here."""
    if is_out_of_memory(error):
        note = "out of memory"
    else:
        note = f"the call does not run: {str(error).splitlines()[0]}"
    return Result(case, Verdict.UNSURE, compared, note=note)


def _report(run: _State, interrupted: bool) -> VerifyReport:
    job = run.job
    cases: dict[FoundRewrite, list[Case]] = {}
    for group in case_groups(job):
        cases.setdefault(group.rewrite, []).extend(group.cases(job))
    results = tuple(
        _rewrite_result(run, rewrite, cases.get(rewrite, ())) for rewrite in job.rewrites
    )
    about = environment(job.device, job.backend, job.thread_count)
    saving = None if job.recorded is None else saving_of(results, job.recorded)
    return VerifyReport(about, results, job.skipped, interrupted, saving)


def _rewrite_result(run: _State, rewrite: FoundRewrite, cases: Sequence[Case]) -> RewriteResult:
    pair, results = rewrite.pair, tuple(run.results.get(rewrite, ()))
    done = {result.case for result in results}
    left = () if rewrite in run.wrong else tuple(case for case in cases if case not in done)
    replacement = run.replacements.get(rewrite, pair.readings[0])
    sites = tuple(sorted(rewrite.sites))
    omitted = sizes_of(run.job, rewrite).left_out
    return RewriteResult(
        str(pair.equation), pair.original, replacement, sites, results, left, omitted
    )
