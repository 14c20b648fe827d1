"""Run the cases, batch by batch: compare, then time, until the budget is spent."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import inf

import torch

from einlint.verify.case import Case, Mode
from einlint.verify.case_sizes import distinct_sizes
from einlint.verify.cpu_use import CpuUse
from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.report import (
    Comparison,
    Environment,
    Result,
    RewriteResult,
    Verdict,
    VerifyReport,
)
from einlint.verify.running.attention import compare_attention
from einlint.verify.running.autocast_dtypes import autocast_note
from einlint.verify.running.compare import Difference
from einlint.verify.running.correctness import compare_sides
from einlint.verify.running.environment import environment
from einlint.verify.running.job import CaseGroup, Job, case_groups, sizes_of
from einlint.verify.running.memory_fit import too_large
from einlint.verify.running.pair_operands import ComparisonInputs
from einlint.verify.running.probe import ProbeFault, find_right_reading
from einlint.verify.running.runnable import dtype_named
from einlint.verify.running.spellings import (
    Spellings,
    affordable,
    compared_others,
    why_it_fails,
)
from einlint.verify.running.tensors import shapes_in
from einlint.verify.running.timed_case import TimedCase, fitting, is_full, result_of, timed_case
from einlint.verify.running.while_running import set_for
from einlint.verify.saving import saving_of
from einlint.verify.timing import sample
from einlint.verify.verdict import busy_share


@dataclass(slots=True)
class _State:
    """The results of a job so far; kept outside the loop, so that Ctrl-C loses nothing."""

    job: Job
    started: float = field(default_factory=lambda: time.monotonic())
    replacements: dict[FoundRewrite, str] = field(default_factory=dict)
    wrong: set[FoundRewrite] = field(default_factory=set)
    autocast_noted: set[FoundRewrite] = field(default_factory=set)
    results: dict[FoundRewrite, list[Result]] = field(default_factory=dict)
    batch: list[TimedCase] = field(default_factory=list)
    cpu_use: CpuUse = field(default_factory=CpuUse.now)

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
    with set_for(job):
        return _run(job, step)


def _run(job: Job, step: Callable[[int], None]) -> VerifyReport:
    run = _State(job)
    interrupted = False
    try:
        _probe(run)
        waiting = 0
        for group in case_groups(job):
            if group.rewrite not in run.wrong and group.rewrite in run.replacements:
                _prepare(run, group)
            waiting += len(group.cases(job))
            if is_full(run.batch, run.seconds_left):
                _time_batch(run)
                step(waiting)
                waiting = 0
        _time_batch(run)
        step(waiting)
    except KeyboardInterrupt:
        interrupted = True
        _finish_batch(run)
    return _report(run, interrupted)


def _probe(run: _State) -> None:
    """Test all rewrites on small operands first: fast, and it finds most faults."""
    for rewrite in run.job.rewrites:
        if run.seconds_left <= 0:
            return
        if rewrite.pair.readings == (rewrite.pair.original,):
            run.replacements[rewrite] = rewrite.pair.original  # einsum, to be timed twice
            continue
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


def _prepare(run: _State, group: CaseGroup) -> None:
    """Compare all spellings, and put what is right into the next batch, mode by mode."""
    if run.seconds_left <= 0:
        return
    if (note := too_large(run.job, group)) is not None:
        for case in group.cases(run.job):
            run.add(group.rewrite, Result(case, Verdict.UNSURE, note=note))
        return
    replacement = run.replacements[group.rewrite]
    smaller = affordable(group)
    is_einsum = replacement == group.rewrite.pair.original
    try:
        first = _compare(run.job, smaller if is_einsum else group, replacement)
    except RuntimeError as error:
        for case in group.cases(run.job):
            run.add(group.rewrite, _failure(case, None, error))
        return
    others = Spellings()
    if first.fault is None:
        others = compared_others(group, lambda text: _compare(run.job, smaller, text))
    spellings = Spellings((replacement, *others.texts), (first, *others.compared), others.refused)
    for case in group.cases(run.job):
        if first.fault is not None:
            run.add(group.rewrite, Result(case, Verdict.WRONG, first, note=first.fault))
        else:
            _add_to_batch(run, group, case, spellings)


def _add_to_batch(run: _State, group: CaseGroup, case: Case, spellings: Spellings) -> None:
    if run.seconds_left <= 0:
        return
    try:
        run.batch.append(timed_case(run.job, group, case, spellings))
    except RuntimeError as error:
        run.add(group.rewrite, _failure(case, spellings.compared[0], error))


def _time_batch(run: _State) -> None:
    run.batch = fitting(run.batch, run.seconds_left)
    ending = sum(each.ending_seconds for each in run.batch)
    try:
        sample([each.sampling for each in run.batch], lambda: run.seconds_left - ending)
    except RuntimeError as error:  # memory is full, or the device failed: what is done is kept
        for each in run.batch:
            if not each.sampling.has_interval:
                run.add(each.group.rewrite, _failure(each.case, each.compared[0], error))
    _finish_batch(run)


def _finish_batch(run: _State) -> None:
    """Turn the blocks of a batch into results; cases with too few of them count as not run."""
    batch, run.batch = run.batch, []
    for each in batch:
        if not each.sampling.has_interval:
            continue
        try:
            result = result_of(run.job, each)
        except RuntimeError as error:
            result = _failure(each.case, each.compared[0], error)
        run.add(each.group.rewrite, _with_autocast_note(run, each.group, result))


def _with_autocast_note(run: _State, group: CaseGroup, result: Result) -> Result:
    """Add what autocast changes to the first result of a rewrite."""
    if result.note is not None or group.rewrite in run.autocast_noted:
        return result
    run.autocast_noted.add(group.rewrite)
    replacement = run.replacements[group.rewrite]
    return replace(result, note=autocast_note(group.rewrite.pair, replacement, run.job.device))


def _compare(job: Job, group: CaseGroup, replacement: str) -> Comparison:
    exact = job.device if job.backend.has_float64 else torch.device("cpu")
    pair = group.rewrite.pair
    shapes = shapes_in(pair.equation, group.case(job, Mode.FORWARD))
    inputs = ComparisonInputs(shapes, dtype_named(group.dtype), job.device, exact)
    if pair.attention is not None:
        return compare_attention(pair, replacement, inputs)
    return compare_sides(group.rewrite, replacement, inputs)


def _failure(case: Case, compared: Comparison | None, error: RuntimeError) -> Result:
    """The result of a case that ran out of memory, or whose call does not run here."""
    return Result(case, Verdict.UNSURE, compared, note=why_it_fails(error, "the call"))


def _report(run: _State, interrupted: bool) -> VerifyReport:
    job = run.job
    cases: dict[FoundRewrite, list[Case]] = {}
    for group in case_groups(job):
        cases.setdefault(group.rewrite, []).extend(group.cases(job))
    results = tuple(
        _rewrite_result(run, rewrite, cases.get(rewrite, ())) for rewrite in job.rewrites
    )
    about = (*environment(job.device, job.backend, job.thread_count), *_noise(run))
    saving = None if job.recorded is None else saving_of(results, job.recorded)
    return VerifyReport(about, results, job.skipped, interrupted, saving)


def _noise(run: _State) -> Environment:
    """What others took, the seconds of the run, and those in which a block was timed."""
    now = CpuUse.now()
    timed = [each for results in run.results.values() for each in results]
    sides = [samples for each in timed for samples in each.samples]
    blocks = [block for side in sides for visit in side for block in visit]
    # On a GPU one thread of the host launches the work.
    threads = run.job.thread_count if run.job.device.type == "cpu" else 1
    share = busy_share(*sides)
    return (
        ("busy", run.cpu_use.busy_until(now, threads) if share is None else share),
        ("seconds", now.wall - run.cpu_use.wall),
        ("timed_seconds", sum(block.wall for block in blocks)),
    )


def _rewrite_result(run: _State, rewrite: FoundRewrite, cases: Sequence[Case]) -> RewriteResult:
    pair, place = rewrite.pair, {case: number for number, case in enumerate(cases)}
    found = run.results.get(rewrite, ())
    results = tuple(sorted(found, key=lambda each: place.get(each.case, 0)))
    done = {result.case for result in results}
    left = () if rewrite in run.wrong else tuple(case for case in cases if case not in done)
    replacement = run.replacements.get(rewrite, pair.readings[0])
    sites = tuple(sorted(rewrite.sites))
    omitted = sizes_of(run.job, rewrite).left_out
    return RewriteResult(pair.title, pair.original, replacement, sites, results, left, omitted)
