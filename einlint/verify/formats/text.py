"""A table for the terminal: one block for each rewrite, one line for each case."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from einlint.printable import counted, printable
from einlint.verify.compared import described, summary
from einlint.verify.device_time import device_text
from einlint.verify.dry_run_report import DryRunCase, DryRunReport, DryRunRewrite
from einlint.verify.formats import ReportFormat
from einlint.verify.provenance import noise, others, provenance
from einlint.verify.quantities import (
    memory_text,
    origin_text,
    recorded_text,
    seconds_text,
    shapes_text,
    unmeasured_cells,
)
from einlint.verify.report import (
    CandidateResult,
    Environment,
    Result,
    RewriteResult,
    Skipped,
    Speedup,
    Unmeasured,
    Verdict,
    VerifyReport,
    ranked,
)
from einlint.verify.saving import describe, warnings
from einlint.verify.timing import Clock

_HEADER: Final = (
    *("sizes", "sizes from", "dtype", "device", "mode", "ratio", "99 % interval", "time"),
    *("peak memory", "operators", "error", "verdict"),
)
_CLOCK_HEADER: Final = ("clock", "by wall clock")
# The columns of the clock stand behind the ratio and its interval.
_RATIO: Final = 7
_DRY_RUN_HEADER: Final = (
    *("sizes", "sizes from", "dtype", "device", "mode"),
    *("operators", "copies", "FLOPs", "bytes moved"),
)
_NOTHING: Final = "-"
_MOST_UNMEASURED: Final = 20
_NO_FIX: Final = "Nothing to verify: no fix was found."
_NOTHING_RUNS: Final = "Nothing was verified."


def render(report: VerifyReport) -> str:
    """The environment, a table for every rewrite, and a summary."""
    lines = list(_about(report.environment))
    if (sentence := noise(report)) is not None:
        lines.append(sentence)
    lines += ["ratio: time of the original / time of the replacement; 2.00 is twice as fast", ""]
    for result in report.results:
        lines += [*_block(result, report.not_run_reason), ""]
    lines += [*_skipped_lines(report.skipped), *_unmeasured_lines(report.unmeasured)]
    lines.append(_summary(report))
    if report.saving is not None:
        lines += [*warnings(report.saving), describe(report.saving)]
    if report.compared is not None:
        lines += ["", *described(report.compared), summary(report.compared)]
    return "\n".join(map(printable, lines)) + "\n"


def render_dry_run(report: DryRunReport) -> str:
    """What both sides would dispatch, original first."""
    lines = [*_about(report.environment), "original > replacement; nothing is run", ""]
    for result in report.results:
        rows = [_DRY_RUN_HEADER, *(_dry_run_row(each) for each in result.cases)]
        lines += [*_heading(result), *_table(rows), *_left_out(result), ""]
    lines += _skipped_lines(report.skipped)
    if report.only_forward:
        lines.append("No gradients: torch needs the device to trace them.")
    if not report.results:
        lines.append(_nothing(report))
    return "\n".join(map(printable, lines)) + "\n"


def _skipped_lines(skipped: Sequence[Skipped]) -> Iterator[str]:
    yield from (f"{each.site.place}: not verified: {each.reason}" for each in skipped)


def _unmeasured_lines(unmeasured: Sequence[Unmeasured]) -> Iterator[str]:
    """What else the trace holds; of many, the most expensive."""
    if not unmeasured:
        return
    yield "In the trace, but not measured:"
    yield from _table([unmeasured_cells(each) for each in unmeasured[:_MOST_UNMEASURED]])
    if others := unmeasured[_MOST_UNMEASURED:]:
        share = sum(each.share for each in others)
        yield f"  {share:.1%} in {counted(len(others), 'more line')}: see --format json"


def _nothing(report: VerifyReport | DryRunReport) -> str:
    return _NOTHING_RUNS if report.skipped else _NO_FIX


def _dry_run_row(each: DryRunCase) -> tuple[str, ...]:
    case, before, after = each.case, each.original, each.replacement
    return (
        *(shapes_text(case), origin_text(case), case.dtype, case.device, case.mode.value),
        _change(str, before.operators, after.operators),
        _change(str, before.copies, after.copies),
        _change("{:,}".format, before.flops, after.flops),
        _change(memory_text, before.moved_bytes, after.moved_bytes),
    )


def _about(environment: Environment) -> Iterator[str]:
    yield from provenance(environment)
    yield ", ".join(f"{name} {value}" for name, value in others(environment) if value is not None)


def _heading(result: RewriteResult | DryRunRewrite) -> Iterator[str]:
    yield f"{result.original}  ->  {result.replacement}"
    yield "  at " + ", ".join(site.place for site in result.sites)


def _left_out(result: RewriteResult | DryRunRewrite) -> Iterator[str]:
    yield from (f"  left out: {each}" for each in result.left_out)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield from (_aligned(row, widths) for row in rows)


def _block(result: RewriteResult, reason: str) -> Iterator[str]:
    yield from _heading(result)
    if result.cases:
        yield from _table(_rows(result.cases))
    for each in result.cases:
        yield from _candidate_lines(each)
        yield from _kernel_lines(each)
        if each.note is not None:
            place = f"{shapes_text(each.case)} {each.case.dtype}"
            yield f"  {each.verdict.value} at {place}: {each.note}"
    for case in result.not_run:
        what = f"{shapes_text(case)} {case.dtype} {case.device} {case.mode.value}"
        yield f"  not run: {what}: {reason}"
    yield from _left_out(result)


def _rows(results: Sequence[Result]) -> list[Sequence[str]]:
    """The header and one line for each case.

    With a trace the first column is its recorded time, and no column says where sizes come from.
    """
    rows: list[Sequence[str]] = [_HEADER, *map(_row, results)]
    if any(each.clock is Clock.CPU for each in results):
        clocks = (_CLOCK_HEADER, *map(_clocks, results))
        rows = [
            (*row[:_RATIO], *cells, *row[_RATIO:]) for cells, row in zip(clocks, rows, strict=True)
        ]
    if results[0].case.recorded is None:
        return rows
    column = ("recorded", *(recorded_text(each.case.recorded) for each in results))
    return [(cell, row[0], *row[2:]) for cell, row in zip(column, rows, strict=True)]


def _clocks(result: Result) -> tuple[str, str]:
    """The clock of the ratio that counts, and the ratio by the wall clock."""
    if result.speedup is None:
        return _NOTHING, _NOTHING
    return result.clock.value, _ratio(result.wall_speedup)[0]


def _candidate_lines(result: Result) -> Iterator[str]:
    """The other spellings of a case, the fastest first."""
    if not result.candidates:
        return
    case = result.case
    yield f"  other spellings at {shapes_text(case)} {case.dtype} {case.mode.value}:"
    rows = [_candidate_row(place, each, result) for place, each in ranked(result.candidates)]
    yield from (f"  {line}" for line in _table(rows))


def _candidate_row(place: str, found: CandidateResult, result: Result) -> tuple[str, ...]:
    measured = found.measurement
    spread = measured.on(result.clock) if measured else None
    memory = measured.peak_bytes if measured else None
    return (
        *(place, found.text, *_ratio(found.speedup)),
        _NOTHING if spread is None else seconds_text(spread.median),
        _NOTHING if memory is None else memory_text(memory),
        found.verdict.value + (f": {found.note}" if found.note else ""),
    )


def _kernel_lines(result: Result) -> Iterator[str]:
    """The times and kernels of a case on its device, which only some devices report."""
    before, after = result.original, result.replacement
    if before is None or after is None:
        return
    place = f"{shapes_text(result.case)} {result.case.dtype} {result.case.mode.value}"
    if (text := device_text(result)) is not None:
        yield f"  at {place}: {text}"
    for name, side in (("original", before), ("replacement", after)):
        for each in side.kernels or ():
            launched = f"{each.name} ({each.launches} launched, {seconds_text(each.seconds)})"
            yield f"  kernel of the {name} at {place}: {launched}"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return f"  {'  '.join(cells)}".rstrip()


def _row(result: Result) -> tuple[str, ...]:
    case = result.case
    return (
        *(shapes_text(case), origin_text(case), case.dtype, case.device, case.mode.value),
        *_ratio(result.speedup),
        *_costs(result),
        _errors(result),
        result.verdict.value,
    )


def _ratio(speedup: Speedup | None) -> tuple[str, str]:
    if speedup is None:
        return _NOTHING, _NOTHING
    return f"{speedup.median:.2f}", f"{speedup.low:.2f} to {speedup.high:.2f}"


def _costs(result: Result) -> tuple[str, str, str]:
    before, after = result.original, result.replacement
    if before is None or after is None:
        return _NOTHING, _NOTHING, _NOTHING
    times = (before.on(result.clock), after.on(result.clock))
    return (
        _change(seconds_text, *(each.median if each else None for each in times)),
        _change(memory_text, before.peak_bytes, after.peak_bytes),
        _change(str, before.operators, after.operators),
    )


def _errors(result: Result) -> str:
    compared = result.comparison
    if compared is None:
        return _NOTHING
    return _change("{:.0e}".format, compared.error_original, compared.error_replacement)


def _change(text: Callable[[float], str], before: float | None, after: float | None) -> str:
    return _NOTHING if before is None or after is None else f"{text(before)} > {text(after)}"


def _summary(report: VerifyReport) -> str:
    if not report.results:
        return _nothing(report)
    counts = (f"{report.count(verdict)} {verdict.value}" for verdict in Verdict)
    left = f"; {report.not_run} not run" if report.not_run else ""
    start = "Interrupted. " if report.interrupted else ""
    start += "Nothing was measured. " if report.is_incomplete(strict=False) else ""
    return f"{start}{counted(len(report.cases), 'case')}: {', '.join(counts)}{left}."


FORMAT = ReportFormat(render, render_dry_run)
