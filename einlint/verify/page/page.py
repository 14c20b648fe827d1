"""Fill the page template with table rows and pictures; all text of users is escaped."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from einlint.verify.dry_run_report import DryRunReport
from einlint.verify.page.figures import figures
from einlint.verify.page.table_cell import NOTHING, Cell, change, sizes_cell
from einlint.verify.page.template import rendered
from einlint.verify.quantities import memory_text, recorded_text, seconds_text, shapes_text
from einlint.verify.report import Case, Result, Verdict, VerifyReport
from einlint.verify.saving import describe

_CASE: Final = ("equation", "sizes", "dtype", "device", "mode")
_COLUMNS: Final = (
    *(*_CASE, "verdict", "speed-up", "99 % interval", "time"),
    *("peak memory", "operators", "error", "recorded"),
)
_Row: TypeAlias = tuple[Cell, ...]
_DRY_RUN_COLUMNS: Final = (*_CASE, "operators", "copies", "FLOPs", "bytes moved")


def page(report: VerifyReport) -> str:
    """The report as an HTML page."""
    pairs = [(each.equation, case) for each in report.results for case in each.cases]
    rows = [_row(equation, result) for equation, result in pairs]
    rows += [
        (*_case(each.equation, case), Cell("not run"), *(NOTHING,) * (len(_COLUMNS) - 6))
        for each in report.results
        for case in each.not_run
    ]
    columns, shown = _used_columns(rows)
    counts = [(verdict.value, report.count(verdict)) for verdict in Verdict]
    counts.append(("not run", report.not_run))
    return _render(
        {
            "report": report,
            "columns": columns,
            "rows": shown,
            "counts": [f"{count} {name}" for name, count in counts if count],
            "pictures": list(figures(pairs)),
            "notes": list(_notes(report)),
            "interrupted": report.interrupted,
            "saving": describe(report.saving) if report.saving else None,
            "only_forward": False,
        }
    )


def dry_run_page(report: DryRunReport) -> str:
    """The report of a dry run as an HTML page: a table without pictures."""
    rows = [
        (
            *_case(each.equation, case.case),
            change("{:.0f}".format, case.original.operators, case.replacement.operators),
            change("{:.0f}".format, case.original.copies, case.replacement.copies),
            change("{:,.0f}".format, case.original.flops, case.replacement.flops),
            change(memory_text, case.original.moved_bytes, case.replacement.moved_bytes),
        )
        for each in report.results
        for case in each.cases
    ]
    return _render(
        {
            "report": report,
            "columns": _DRY_RUN_COLUMNS,
            "rows": rows,
            "counts": [f"{len(rows)} cases; nothing is run"],
            "pictures": [],
            "notes": [],
            "interrupted": False,
            "saving": None,
            "only_forward": report.only_forward,
        }
    )


def _used_columns(rows: Sequence[_Row]) -> tuple[list[str], list[list[Cell]]]:
    """The columns that have a value in at least one row, and the rows with only these."""
    shown = [place for place in range(len(_COLUMNS)) if any(row[place] != NOTHING for row in rows)]
    return [_COLUMNS[place] for place in shown], [[row[place] for place in shown] for row in rows]


def _render(values: Mapping[str, object]) -> str:
    return rendered("page.html.jinja", values, sheets=("page.css",), script="sort.js")


def _case(equation: str, case: Case) -> tuple[Cell, ...]:
    texts = (case.dtype, case.device, case.mode.value)
    return (Cell(equation), sizes_cell(case), *map(Cell, texts))


def _row(equation: str, result: Result) -> tuple[Cell, ...]:
    speedup, before, after = result.speedup, result.original, result.replacement
    compared = result.comparison
    errors = (compared.error_original, compared.error_replacement) if compared else (None, None)
    gain = Cell(f"{speedup.median:.2f}", speedup.median) if speedup else NOTHING
    interval = f"{speedup.low:.2f} to {speedup.high:.2f}" if speedup else "-"
    return (
        *_case(equation, result.case),
        Cell(result.verdict.value),
        gain,
        Cell(interval, speedup.low if speedup else None),
        *(
            change(text, *(value(side) if side else None for side in (before, after)))
            for text, value in _COSTS
        ),
        change("{:.0e}".format, *errors),
        _recorded(result.case),
    )


def _recorded(case: Case) -> Cell:
    return Cell(recorded_text(case.recorded), case.recorded.seconds if case.recorded else None)


_COSTS: Final[tuple[tuple[Callable[[float], str], Callable[[Any], float | None]], ...]] = (
    (seconds_text, lambda side: side.seconds.median),
    (memory_text, lambda side: side.peak_bytes),
    ("{:.0f}".format, lambda side: side.operators),
)


def _notes(report: VerifyReport) -> Iterator[str]:
    """Notes: why a case has no numbers, and the kernels of a device."""
    for each in report.results:
        for result in each.cases:
            case = result.case
            place = f"{each.equation} at {shapes_text(case)} {case.dtype}"
            if result.note is not None:
                yield f"{result.verdict.value}: {place}: {result.note}"
            for name, side in (("original", result.original), ("fix", result.replacement)):
                for kernel in (side.kernels if side else None) or ():
                    times = f"{kernel.launches} launched, {seconds_text(kernel.seconds)}"
                    about = f"kernel of the {name}: {place} {case.mode.value}"
                    yield f"{about}: {kernel.name} ({times})"
