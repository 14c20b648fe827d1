"""Dry run: what both sides would dispatch, on fake tensors that have a device and no memory."""

from collections.abc import Sequence
from typing import Final

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from einlint.verify.forecast_report import Forecast, ForecastCase, ForecastReport, ForecastRewrite
from einlint.verify.report import Case, Mode
from einlint.verify.running.backend import backend_of
from einlint.verify.running.counting import dispatched
from einlint.verify.running.environment import environment
from einlint.verify.running.job import Job, Unit, units
from einlint.verify.running.operands import shapes_in
from einlint.verify.running.probe import right_reading
from einlint.verify.running.subject import Subject, dtype_named, subject


def forecast(job: Job) -> ForecastReport:
    """What every case of a job would dispatch; nothing is allocated, and nothing timed."""
    is_here = backend_of(job.device).is_available(job.device)
    cases: dict[object, list[ForecastCase]] = {}
    replacements = {rewrite: right_reading(rewrite)[0] for rewrite in job.rewrites}
    for unit in units(job):
        # Without its device torch ends the process where it would make a gradient.
        known = (Mode.FORWARD, Mode.BACKWARD) if is_here else (Mode.FORWARD,)
        chosen = [each for each in unit.cases(job) if each.mode in known]
        made = [_case(unit, case, replacements[unit.rewrite], job.device) for case in chosen]
        cases.setdefault(unit.rewrite, []).extend(made)
    results = tuple(
        ForecastRewrite(
            str(each.pair.equation),
            each.pair.original,
            replacements[each],
            tuple(sorted(each.sites)),
            tuple(cases.get(each, ())),
        )
        for each in job.rewrites
    )
    about = environment(job.device, job.backend, job.thread_count)
    lacks_gradients = Mode.BACKWARD in job.modes and not is_here
    return ForecastReport(about, results, job.skipped, only_forward=lacks_gradients)


def _case(unit: Unit, case: Case, replacement: str, device: torch.device) -> ForecastCase:
    pair = unit.rewrite.pair
    shapes = shapes_in(pair.equation, case)
    dtype = dtype_named(unit.dtype)
    with FakeTensorMode():
        operands = [torch.empty(shape, dtype=dtype, device=device) for shape in shapes]
        before, after = (
            _forecast(subject(text, pair.names, operands, case.mode))
            for text in (pair.original, replacement)
        )
    return ForecastCase(case, before, after)


def _forecast(side: Subject) -> Forecast:
    seen = dispatched(side.run)
    # Not at once: the counter decomposes operators, and those parts would be counted too.
    with FlopCounterMode(display=False, custom_mapping=dict(_VECTOR_PRODUCTS)) as flops:
        side.run()
    return Forecast(seen.operators, seen.copies, int(flops.get_total_flops()), seen.moved_bytes)


def _product_flops(
    left: Sequence[int], right: Sequence[int], *others: object, **options: object
) -> int:
    """A multiplication and an addition for every element of the left operand."""
    count = 2
    for size in left:
        count *= size
    return count


# FlopCounterMode knows products of matrices, and not these of vectors.
_VECTOR_PRODUCTS: Final = (
    (torch.ops.aten.mv, _product_flops),
    (torch.ops.aten.dot, _product_flops),
)
