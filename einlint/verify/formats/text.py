"""A table for the terminal: one block for each rewrite, one line for each case."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from einlint.diagnostics import counted, printable
from einlint.verify.dry_run_report import DryRunCase, DryRunReport, DryRunRewrite
from einlint.verify.formats import ReportFormat
from einlint.verify.quantities import memory_text, recorded_text, seconds_text, shapes_text
from einlint.verify.report import (
    Environment,
    Measurement,
    Result,
    RewriteResult,
    Skipped,
    Speedup,
    Verdict,
    VerifyReport,
)
from einlint.verify.saving import describe

_HEADER: Final = (
    *("sizes", "dtype", "device", "mode", "ratio", "99 % interval", "time"),
    *("peak memory", "operators", "error", "verdict"),
)
_DRY_RUN_HEADER: Final = (
    *("sizes", "dtype", "device", "mode", "operators", "copies", "FLOPs", "bytes moved"),
)
_NOTHING: Final = "-"
_NO_FIX: Final = "Nothing to verify: no fix was found."
_NOTHING_RUNS: Final = "Nothing was verified."


def render(report: VerifyReport) -> str:
    """The environment, a table for every rewrite, and a summary."""
    lines = [*_about(report.environment), *_load(report.environment)]
    lines += ["ratio: time of the original / time of the replacement; 2.00 is twice as fast", ""]
    for result in report.results:
        lines += [*_block(result), ""]
    lines += [*_skipped_lines(report.skipped), _summary(report)]
    if report.saving is not None:
        lines.append(describe(report.saving))
    return "\n".join(map(printable, lines)) + "\n"


def render_dry_run(report: DryRunReport) -> str:
    """What both sides would dispatch, original first."""
    lines = [*_about(report.environment), "original > replacement; nothing is run", ""]
    for result in report.results:
        rows = [_DRY_RUN_HEADER, *(_dry_run_row(each) for each in result.cases)]
        lines += [*_heading(result), *_table(rows), ""]
    lines += _skipped_lines(report.skipped)
    if report.only_forward:
        lines.append("No gradients: torch needs the device to trace them.")
    if not report.results:
        lines.append(_nothing(report))
    return "\n".join(map(printable, lines)) + "\n"


def _skipped_lines(skipped: Sequence[Skipped]) -> Iterator[str]:
    yield from (f"{each.site.place}: not verified: {each.reason}" for each in skipped)


def _nothing(report: VerifyReport | DryRunReport) -> str:
    return _NOTHING_RUNS if report.skipped else _NO_FIX


def _dry_run_row(each: DryRunCase) -> tuple[str, ...]:
    case, before, after = each.case, each.original, each.replacement
    return (
        *(shapes_text(case), case.dtype, case.device, case.mode.value),
        _change(str, before.operators, after.operators),
        _change(str, before.copies, after.copies),
        _change("{:,}".format, before.flops, after.flops),
        _change(memory_text, before.moved_bytes, after.moved_bytes),
    )


def _about(environment: Environment) -> Iterator[str]:
    yield ", ".join(f"{name} {value}" for name, value in environment if value is not None)


def _load(environment: Environment) -> Iterator[str]:
    """A warning if other programs keep the machine busy."""
    values = dict(environment)
    load, cpus = values.get("load_average"), values.get("cpus")
    if isinstance(load, float) and isinstance(cpus, int) and load > cpus:
        advice = "" if values["threads"] == 1 else ", try --threads 1"
        yield f"other programs are using this machine: times are noisy{advice}"


def _heading(result: RewriteResult | DryRunRewrite) -> Iterator[str]:
    yield f"{result.original}  ->  {result.replacement}"
    yield "  at " + ", ".join(site.place for site in result.sites)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield from (_aligned(row, widths) for row in rows)


def _block(result: RewriteResult) -> Iterator[str]:
    yield from _heading(result)
    if result.cases:
        yield from _table(_rows(result.cases))
    for each in result.cases:
        yield from _kernel_lines(each)
        if each.note is not None:
            place = f"{shapes_text(each.case)} {each.case.dtype}"
            yield f"  {each.verdict.value} at {place}: {each.note}"
    for case in result.not_run:
        yield f"  not run: {shapes_text(case)} {case.dtype} {case.device} {case.mode.value}"


def _rows(results: Sequence[Result]) -> list[Sequence[str]]:
    """The header and one line for each case; with a trace the first column is its recorded time."""
    rows = [_HEADER, *map(_row, results)]
    if results[0].case.recorded is None:
        return list(rows)
    column = ("recorded", *(recorded_text(each.case.recorded) for each in results))
    return [(cell, *row) for cell, row in zip(column, rows, strict=True)]


def _kernel_lines(result: Result) -> Iterator[str]:
    """The kernels of a case, which only some devices report."""
    before, after = result.original, result.replacement
    if before is None or after is None:
        return
    place = f"{shapes_text(result.case)} {result.case.dtype} {result.case.mode.value}"
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
        *(shapes_text(case), case.dtype, case.device, case.mode.value),
        *_ratio(result.speedup),
        *_costs(result.original, result.replacement),
        _errors(result),
        result.verdict.value,
    )


def _ratio(speedup: Speedup | None) -> tuple[str, str]:
    if speedup is None:
        return _NOTHING, _NOTHING
    return f"{speedup.median:.2f}", f"{speedup.low:.2f} to {speedup.high:.2f}"


def _costs(before: Measurement | None, after: Measurement | None) -> tuple[str, str, str]:
    if before is None or after is None:
        return _NOTHING, _NOTHING, _NOTHING
    return (
        _change(seconds_text, before.seconds.median, after.seconds.median),
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
    return f"{start}{counted(len(report.cases), 'case')}: {', '.join(counts)}{left}."


FORMAT = ReportFormat(render, render_dry_run)
