"""A case that is being timed: all its spellings with their operands and blocks, and its result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from einlint.verify.case import Case
from einlint.verify.report import CandidateResult, Comparison, Measurement, Result, Verdict
from einlint.verify.running.job import CaseGroup, Job
from einlint.verify.running.measure import measurements
from einlint.verify.running.pair_operands import masks_of, operands_of
from einlint.verify.running.runnable import Runnable, dtype_named, runnable
from einlint.verify.running.spellings import Spellings, why_it_fails
from einlint.verify.running.tensors import shapes_in
from einlint.verify.timing import Clock, Sampling, TimeBlock
from einlint.verify.verdict import busy_share, clock_of, speedup_of, verdict_of

# What is timed in one batch keeps its operands in memory.
_MOST_CASES: Final = 8
_MOST_BYTES: Final = 2**28
# What a result needs beside its blocks: a profile of the memory, and runs in it.
_PROFILE_SECONDS: Final = 0.05
_FURTHER_RUNS: Final = 3
# A case with such rounds spreads its visits over time alone, and the next one may be slower yet.
_SLOW_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class TimedCase:
    """A case, its spellings behind the original, and how they compare with it.

    texts: all spellings; compared: each with the original. sides: the original and the spellings
        that are right, with their operands. refused: the results of those that cannot be timed.
    """

    group: CaseGroup
    case: Case
    texts: tuple[str, ...]
    compared: tuple[Comparison, ...]
    refused: tuple[CandidateResult, ...]
    sides: tuple[Runnable, ...]
    sampling: Sampling
    operand_bytes: int

    @property
    def ending_seconds(self) -> float:
        """About how long it takes to make the result, once it has its blocks."""
        return _PROFILE_SECONDS + _FURTHER_RUNS * self.sampling.call_seconds

    @property
    def side_texts(self) -> tuple[str, ...]:
        """The text of each side."""
        return (self.group.rewrite.pair.original, *_right(self.texts, self.compared))


def timed_case(job: Job, group: CaseGroup, case: Case, spellings: Spellings) -> TimedCase:
    """Prepare the sides of a case, and warm them up.

    A further spelling that does not run in the mode of the case is left out.

    Raises:
        RuntimeError: the original or the replacement does not run, or memory is full.
    """
    pair = group.rewrite.pair
    shapes = shapes_in(pair.equation, case)
    operands = operands_of(pair, shapes, dtype_named(group.dtype), job.device)
    masks = len(masks_of(pair))
    sides = [runnable(pair.original, pair.names, operands, case.mode, masks=masks)]
    kept: list[tuple[str, Comparison]] = []
    refused = list(spellings.refused)
    for text, compared in zip(spellings.texts, spellings.compared, strict=True):
        if compared.fault is None:
            try:
                sides.append(runnable(text, pair.names, operands, case.mode, masks=masks))
            except RuntimeError as error:
                if not kept:
                    raise
                note = why_it_fails(error, "it")
                refused.append(CandidateResult(text, Verdict.UNSURE, compared, note=note))
                continue
        kept.append((text, compared))
    sampling = Sampling([_timer(job, side) for side in sides])
    size = sum(each.numel() * each.element_size() for each in operands)
    texts, comparisons = zip(*kept, strict=True)
    return TimedCase(group, case, texts, comparisons, tuple(refused), tuple(sides), sampling, size)


def _right(texts: Sequence[str], compared: Sequence[Comparison]) -> list[str]:
    return [text for text, each in zip(texts, compared, strict=True) if each.fault is None]


def _timer(job: Job, side: Runnable) -> TimeBlock:
    if job.flush_l2 and job.backend.cold_timer is not None:
        return job.backend.cold_timer(side.statement, side.names, job.device)
    return job.backend.timer(side.statement, side.names, job.thread_count)


def is_full(batch: Sequence[TimedCase], seconds_left: float) -> bool:
    """Whether no case should be added to a batch before it is timed."""
    seconds = sum(each.sampling.seconds_needed + each.ending_seconds for each in batch)
    size = sum(each.operand_bytes for each in batch)
    is_slow = bool(batch) and batch[-1].sampling.round_seconds > _SLOW_SECONDS
    is_large = len(batch) >= _MOST_CASES or size > _MOST_BYTES
    return is_slow or is_large or seconds > seconds_left / 2


def fitting(batch: Sequence[TimedCase], seconds_left: float) -> list[TimedCase]:
    """The first cases of a batch that have the time for an interval, one at least.

    A case that would not get one takes the time of those that would: all are visited in turn.
    """
    kept: list[TimedCase] = []
    for each in batch:
        seconds_left -= each.sampling.seconds_needed + each.ending_seconds
        if kept and seconds_left < 0:
            break
        kept.append(each)
    return kept


def result_of(job: Job, timed: TimedCase) -> Result:
    """The result of a case whose sides have their blocks.

    Raises:
        RuntimeError: memory is full.
    """
    samples = timed.sampling.samples()
    before, after = samples[:2]
    clock = clock_of(before, after)
    by_clock = {each: speedup_of(before, after, each) for each in Clock}
    if job.profiles is not None:
        title = timed.group.rewrite.pair.title
        job.profiles.write(title, timed.case, timed.side_texts, timed.sides)
    original, replacement, *others = measurements(timed.sides, samples, job.backend, job.device)
    return Result(
        timed.case,
        verdict_of(by_clock[clock]),
        timed.compared[0],
        by_clock[clock],
        original,
        replacement,
        clock=clock,
        busy=busy_share(*samples),
        wall_speedup=by_clock[Clock.WALL],
        cpu_speedup=by_clock[Clock.CPU],
        device_speedup=by_clock[Clock.DEVICE],
        candidates=(*_candidates(timed, others, clock), *timed.refused),
    )


def _candidates(
    timed: TimedCase, others: Sequence[Measurement], clock: Clock
) -> list[CandidateResult]:
    """The results of the spellings behind the replacement, in their order."""
    measured = iter(others)
    before = timed.sampling.samples()[0]
    found = []
    for text, compared in zip(timed.texts[1:], timed.compared[1:], strict=True):
        if compared.fault is not None:
            found.append(CandidateResult(text, Verdict.WRONG, compared, note=compared.fault))
            continue
        cost = next(measured)
        speedup = speedup_of(before, cost.samples, clock)
        found.append(CandidateResult(text, verdict_of(speedup), compared, speedup, cost))
    return found
