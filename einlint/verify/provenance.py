"""Where a report comes from, as sentences: version, command, date, time spent, and noise."""

from collections.abc import Iterator, Mapping
from typing import Final

from einlint.verify.quantities import seconds_text
from einlint.verify.report import BUSY_SHARE, Environment, VerifyReport
from einlint.verify.timing import Clock

_IN_SENTENCES: Final = ("einlint", "version", "command", "date", "busy", "seconds", "timed_seconds")


def provenance(environment: Environment) -> Iterator[str]:
    """Who made the report, how and when, and the time that it took."""
    values = dict(environment)
    if "command" in values:
        yield f"einlint {values['version']}, {values['date']}: {values['command']}"
    seconds, timed = values.get("seconds"), values.get("timed_seconds")
    if isinstance(seconds, float) and isinstance(timed, float):
        share = f"{100 * timed / seconds:.0f} %" if seconds else "nothing"
        yield f"the run took {seconds_text(seconds)}, {share} of it in timed calls"


def others(environment: Environment) -> Environment:
    """What the sentences leave out."""
    return tuple(each for each in environment if each[0] not in _IN_SENTENCES)


def noise(report: VerifyReport) -> str | None:
    """How much other programs took, and what that means for the ratios; None if it is unknown."""
    values = dict(report.environment)
    busy = values.get("busy")
    timed = [each for each in report.cases if each.speedup is not None]
    if not isinstance(busy, (int, float)) or not timed:
        return None
    share = f"{100 * busy:.0f} %"
    by_cpu = sum(each.clock is Clock.CPU for each in timed)
    if busy <= BUSY_SHARE and not by_cpu:
        return f"other programs took {share} of the time"
    if by_cpu:
        which = "the ratios" if by_cpu == len(timed) else f"{by_cpu} of {len(timed)} ratios"
        meaning = f"{which} are of CPU time"
    else:
        meaning = f"the ratios are of wall time, which is noisy then{_advice(values)}"
    start = "the machine was busy: other" if busy > BUSY_SHARE else "other"
    return f"{start} programs took {share} of the time; {meaning}"


def _advice(values: Mapping[str, object]) -> str:
    """What would help: on one thread of a CPU its CPU time is measured."""
    is_cpu = str(values.get("device")).startswith("cpu")
    return "; try --threads 1" if is_cpu and values.get("threads") != 1 else ""
