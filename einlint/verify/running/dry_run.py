"""Dry run: count what both sides would dispatch, on fake tensors without memory."""

import torch
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from einlint.verify.case import Case, Mode
from einlint.verify.dry_run_report import DryRun, DryRunCase, DryRunReport, DryRunRewrite
from einlint.verify.running.backend import backend_of
from einlint.verify.running.counting import count_dispatched
from einlint.verify.running.environment import environment
from einlint.verify.running.job import CaseGroup, Job, case_groups, sizes_of
from einlint.verify.running.pair_operands import dtypes_of, masks_of
from einlint.verify.running.probe import find_right_reading
from einlint.verify.running.runnable import Runnable, dtype_named, runnable
from einlint.verify.running.tensors import shapes_in
from einlint.verify.running.while_running import set_for


def dry_run(job: Job) -> DryRunReport:
    """Count what every case of a job would dispatch; nothing is allocated or timed."""
    with set_for(job):
        return _dry_run(job)


def _dry_run(job: Job) -> DryRunReport:
    is_here = backend_of(job.device).is_available(job.device)
    cases: dict[object, list[DryRunCase]] = {}
    replacements = {rewrite: find_right_reading(rewrite)[0] for rewrite in job.rewrites}
    for group in case_groups(job):
        # Without the device, torch aborts the process when it computes a gradient.
        known = (Mode.FORWARD, Mode.BACKWARD) if is_here else (Mode.FORWARD,)
        chosen = [each for each in group.cases(job) if each.mode in known]
        made = [_case(group, case, replacements[group.rewrite], job.device) for case in chosen]
        cases.setdefault(group.rewrite, []).extend(made)
    results = tuple(
        DryRunRewrite(
            each.pair.title,
            each.pair.original,
            replacements[each],
            tuple(sorted(each.sites)),
            tuple(cases.get(each, ())),
            sizes_of(job, each).left_out,
        )
        for each in job.rewrites
    )
    about = environment(job.device, job.backend, job.thread_count)
    lacks_gradients = Mode.BACKWARD in job.modes and not is_here
    return DryRunReport(about, results, job.skipped, only_forward=lacks_gradients)


def _case(group: CaseGroup, case: Case, replacement: str, device: torch.device) -> DryRunCase:
    pair = group.rewrite.pair
    shapes = shapes_in(pair.equation, case)
    dtype = dtype_named(group.dtype)
    # torch 2.1 looks for the driver of a GPU to make an empty tensor, even a fake one, and to know
    # which of several GPUs is meant.
    if device.type != "cpu" and device.index is None:
        device = torch.device(device.type, 0)
    empty = [
        torch.empty(shape, dtype=each, device="meta")
        for shape, each in zip(shapes, dtypes_of(pair, dtype), strict=True)
    ]
    with FakeTensorMode() as mode:
        operands = [FakeTensor(mode, each, device) for each in empty]
        masks = len(masks_of(pair))
        before, after = (
            _dispatches(runnable(text, pair.names, operands, case.mode, masks=masks))
            for text in (pair.original, replacement)
        )
    return DryRunCase(case, before, after)


def _dispatches(side: Runnable) -> DryRun:
    seen = count_dispatched(side.run)
    return DryRun(seen.operators, seen.copies, seen.flops, seen.moved_bytes)
