"""Saving: the recorded time that the rewrites would save."""

from collections.abc import Sequence

from einlint.verify.report import Case, Mode, RewriteResult, Saving, Speedup, Verdict


def saving_of(results: Sequence[RewriteResult], recorded: float) -> Saving:
    """Sum up what each replacement would save of the recorded time of its calls.

    Only rewrites that are right at all sizes count, and only in forward mode: the trace has the
    time of einsum's forward operator, not that of gradients.

    Args:
        results: results of the cases in the trace.
        recorded: seconds of all calls in the trace.
    """
    right = [each for each in results if not _is_wrong(each)]
    cases = [case for each in right for case in each.cases if case.case.mode is Mode.FORWARD]
    left = [case for each in right for case in each.not_run if case.mode is Mode.FORWARD]
    known = [(_seconds(each.case), each.speedup) for each in cases if each.speedup is not None]
    unknown = [*(each.case for each in cases if each.speedup is None), *left]
    measured = sum(seconds for seconds, _ in known)
    return Saving(
        recorded,
        measured,
        sum(map(_seconds, unknown)),
        Speedup(
            sum(seconds * (1 - 1 / each.median) for seconds, each in known),
            sum(seconds * (1 - 1 / each.low) for seconds, each in known),
            sum(seconds * (1 - 1 / each.high) for seconds, each in known),
        ),
    )


def _is_wrong(result: RewriteResult) -> bool:
    return any(case.verdict is Verdict.WRONG for case in result.cases)


def _seconds(case: Case) -> float:
    return case.recorded.seconds if case.recorded else 0.0


def describe(saving: Saving) -> str:
    """The saving as a sentence."""
    if not saving.measured:
        return f"Nothing of the {_text(saving, saving.recorded)} recorded in einsum was measured."
    saved, other = saving.saved, saving.unmeasured
    share = 100 * abs(saved.median) / saving.recorded
    percent = f"{share:.0f}" if share >= 10 else f"{share:.1f}"
    does = "cost" if saved.median < 0 else "save"
    sign = -1 if saved.median < 0 else 1
    low, high = sorted((sign * saved.low, sign * saved.high))
    interval = f"{_text(saving, low, with_unit=False)} to {_text(saving, high)}"
    of = f"{_text(saving, abs(saved.median))} of {_text(saving, saving.recorded)} recorded"
    sentence = (
        f"The rewrites would {does} {percent} % of the program's einsum time ({of}; {interval})."
    )
    if other:
        sentence += f" Another {_text(saving, other)} of their calls was not measured."
    return sentence


def _text(saving: Saving, seconds: float, *, with_unit: bool = True) -> str:
    """Seconds, in the unit that fits the total."""
    units = (("us", 1e6), ("ms", 1e3), ("s", 1.0))
    unit, factor = next((each for each in units if saving.recorded * each[1] < 1000), ("s", 1.0))
    number = f"{seconds * factor:.3g}"
    return f"{number} {unit}" if with_unit else number
