"""Saving: the recorded time that the rewrites would save."""

from collections.abc import Iterator, Sequence
from typing import Final

from einlint.verify.case import Case, Mode
from einlint.verify.quantities import seconds_text, shapes_text
from einlint.verify.report import Difference, Result, RewriteResult, Saving, Speedup, Verdict

# Times of one call that differ by more than this factor are not the same thing.
_MOST: Final = 2.0


def saving_of(results: Sequence[RewriteResult], recorded: float) -> Saving:
    """Sum up what each replacement would save: calls * (mean before - mean after), as measured.

    Only rewrites that are right at all sizes count, and only in forward mode: the trace has the
    time of einsum's forward operator, not that of gradients. Low and high are the bounds of the
    ratio at the measured mean of the original, widened to hold the difference of the means.

    Args:
        results: results of the cases in the trace.
        recorded: seconds of all calls in the trace.
    """
    known = [(each, case) for each in results for case in timed_cases(each)]
    saved = [_saved(case) for _, case in known]
    return Saving(
        recorded,
        sum(case.case.recorded.warm_seconds for _, case in known if case.case.recorded),
        Speedup(
            sum(each.median for each in saved),
            sum(each.low for each in saved),
            sum(each.high for each in saved),
        ),
        tuple(found for each, case in known for found in _differences(each.equation, case)),
    )


def timed_cases(result: RewriteResult) -> tuple[Result, ...]:
    """The cases of a right rewrite that a saving can be computed from."""
    return tuple(
        each
        for each in (() if is_wrong(result) else result.cases)
        if each.case.mode is Mode.FORWARD and each.speedup and each.original and each.replacement
    )


def is_wrong(result: RewriteResult) -> bool:
    """Whether the replacement is wrong in any case."""
    return any(case.verdict is Verdict.WRONG for case in result.cases)


def case_key(case: Case) -> object:
    """What tells the recorded cases of one rewrite apart."""
    return case.sizes, case.shapes, case.dtype


def _saved(result: Result) -> Speedup:
    """Seconds saved in all calls of a case."""
    speedup, before, after = result.speedup, result.original, result.replacement
    if speedup is None or before is None or after is None or result.case.recorded is None:
        return Speedup(0.0, 0.0, 0.0)
    calls, mean = result.case.recorded.calls, before.seconds.mean
    saved = mean - after.seconds.mean
    low, high = (mean * (1 - 1 / bound) for bound in (speedup.low, speedup.high))
    return Speedup(calls * saved, calls * min(low, saved), calls * max(high, saved))


def _differences(equation: str, result: Result) -> Iterator[Difference]:
    recorded = result.case.recorded.seconds_per_call if result.case.recorded else None
    measured = result.original.seconds.mean if result.original else None
    if recorded is None or measured is None:
        return
    if recorded > _MOST * measured or measured > _MOST * recorded:
        yield Difference(equation, result.case, recorded, measured)


def describe(saving: Saving) -> str:
    """The saving as a sentence."""
    if not saving.measured and not saving.saved.median:
        all_of_it = _text(saving.recorded, saving.recorded)
        return f"Nothing of the {all_of_it} recorded in einsum was measured."
    saved, total = saving.saved, saving.recorded
    unit = abs(saved.median) if saving.differences else total
    does = "cost" if saved.median < 0 else "save"
    sign = -1 if saved.median < 0 else 1
    low, high = sorted((sign * saved.low, sign * saved.high))
    interval = f"{_text(unit, low, with_unit=False)} to {_text(unit, high)}"
    amount = _text(unit, abs(saved.median))
    if saving.differences:
        sentence = (
            f"The rewrites would {does} {amount} ({interval}) by the times measured here;"
            f" the program's differ: its einsum calls took {_text(total, total)}."
        )
    else:
        sentence = (
            f"The rewrites would {does} {_percent(saving)} % of the program's einsum time"
            f" ({amount} of {_text(total, total)} recorded; {interval})."
        )
    if saving.unmeasured:
        sentence += f" {_text(total, saving.unmeasured)} of it was not measured."
    return sentence


def _percent(saving: Saving) -> str:
    share = 100 * abs(saving.saved.median) / saving.recorded if saving.recorded else 0.0
    return f"{share:.0f}" if share >= 10 else f"{share:.1f}"


def warnings(saving: Saving) -> Iterator[str]:
    """A line for each case whose saving should not be believed."""
    for each in saving.differences:
        place = f"`{each.equation}` at {shapes_text(each.case)} {each.case.dtype}"
        one, other = (seconds_text(value) for value in (each.recorded, each.measured))
        yield f"warning: {place}: a call took {one} in the program, {other} here"


def _text(total: float, seconds: float, *, with_unit: bool = True) -> str:
    """Seconds, in the unit that fits the total."""
    units = (("us", 1e6), ("ms", 1e3), ("s", 1.0))
    unit, factor = next((each for each in units if total * each[1] < 1000), ("s", 1.0))
    number = f"{seconds * factor:.3g}"
    return f"{number} {unit}" if with_unit else number
