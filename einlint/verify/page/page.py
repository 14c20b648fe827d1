"""The page: a template filled with rows and pictures; everything that users wrote is escaped."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined

from einlint.verify.page.figures import figures
from einlint.verify.page.words import Cell, change, memory, seconds, sizes_cell
from einlint.verify.report import (
    Case,
    ForecastReport,
    Result,
    Verdict,
    VerifyReport,
)

_CASE: Final = ("equation", "sizes", "dtype", "device", "mode")
_COLUMNS: Final = (
    *(*_CASE, "verdict", "speed-up", "99 % interval", "time"),
    *("peak memory", "operators", "instructions", "error"),
)
_FORECAST: Final = (*_CASE, "operators", "copies", "FLOPs", "bytes moved")


def page(report: VerifyReport) -> str:
    """What was measured, as HTML."""
    pairs = [(each.equation, case) for each in report.results for case in each.cases]
    rows = [_row(equation, result) for equation, result in pairs]
    rows += [
        (*_case(each.equation, case), Cell("not run"), *(Cell("–"),) * (len(_COLUMNS) - 6))
        for each in report.results
        for case in each.not_run
    ]
    counts = [(verdict.value, report.count(verdict)) for verdict in Verdict]
    return _filled(
        {
            "report": report,
            "columns": _COLUMNS,
            "rows": rows,
            "counts": [*counts, ("not run", report.not_run)],
            "pictures": list(figures(pairs)),
            "notes": list(_notes(report)),
            "interrupted": report.interrupted,
            "only_forward": False,
        }
    )


def forecast_page(report: ForecastReport) -> str:
    """What a dry run tells, as HTML: a table, and nothing to draw."""
    rows = [
        (
            *_case(each.equation, case.case),
            change("{:.0f}".format, case.original.operators, case.replacement.operators),
            change("{:.0f}".format, case.original.copies, case.replacement.copies),
            change("{:,.0f}".format, case.original.flops, case.replacement.flops),
            change(memory, case.original.moved_bytes, case.replacement.moved_bytes),
        )
        for each in report.results
        for case in each.cases
    ]
    return _filled(
        {
            "report": report,
            "columns": _FORECAST,
            "rows": rows,
            "counts": [("cases, nothing is run", len(rows))],
            "pictures": [],
            "notes": [],
            "interrupted": False,
            "only_forward": report.only_forward,
        }
    )


def _filled(values: Mapping[str, object]) -> str:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_text("page.html.jinja"))
    text = template.render(values, style=_text("page.css"), script=_text("sort.js"))
    return text.encode("utf-8", "replace").decode() + "\n"  # names of files may be no text


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _case(equation: str, case: Case) -> tuple[Cell, ...]:
    words = (case.dtype, case.device, case.mode.value)
    return (Cell(equation), sizes_cell(case.sizes), *map(Cell, words))


def _row(equation: str, result: Result) -> tuple[Cell, ...]:
    speedup, before, after = result.speedup, result.original, result.replacement
    compared = result.comparison
    gain = Cell(f"{speedup.median:.2f}", speedup.median) if speedup else Cell("–")
    interval = f"{speedup.low:.2f} to {speedup.high:.2f}" if speedup else "–"
    return (
        *_case(equation, result.case),
        Cell(result.verdict.value),
        gain,
        Cell(interval, speedup.low if speedup else None),
        change(seconds, before and before.seconds.median, after and after.seconds.median),
        change(memory, before and before.peak_bytes, after and after.peak_bytes),
        change("{:.0f}".format, before and before.operators, after and after.operators),
        change("{:,.0f}".format, before and before.instructions, after and after.instructions),
        change(
            "{:.0e}".format,
            compared and compared.error_original,
            compared and compared.error_replacement,
        ),
    )


def _notes(report: VerifyReport) -> Iterator[str]:
    """Why a case has no numbers, and what a device ran."""
    for each in report.results:
        for result in each.cases:
            case = result.case
            place = f"{each.equation} at {sizes_cell(case.sizes).text} {case.dtype}"
            if result.note is not None:
                yield f"{result.verdict.value}: {place}: {result.note}"
            for name, side in (("original", result.original), ("fix", result.replacement)):
                for kernel in (side.kernels if side else None) or ():
                    times = f"{kernel.launches} launched, {seconds(kernel.seconds)}"
                    yield f"kernel of the {name}: {place} {case.mode.value}: {kernel.name} ({times})"
