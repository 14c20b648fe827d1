"""Fill the page template with table rows and pictures; all text of users is escaped."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from einlint.verify.case import Case
from einlint.verify.compared import described, summary
from einlint.verify.device_time import device_text
from einlint.verify.dry_run_report import DryRunReport
from einlint.verify.page.figures import figures
from einlint.verify.page.table_cell import NOTHING, Cell, change, sizes_cell
from einlint.verify.page.template import rendered
from einlint.verify.provenance import noise, others, provenance
from einlint.verify.quantities import (
    memory_text,
    origin_text,
    recorded_text,
    seconds_text,
    shapes_text,
    unmeasured_cells,
)
from einlint.verify.report import Result, RewriteResult, Verdict, VerifyReport, ranked
from einlint.verify.saving import describe, warnings
from einlint.verify.timing import Clock

_CASE: Final = ("equation", "sizes", "sizes from", "dtype", "device", "mode")
_COLUMNS: Final = (
    # What people look for first is on a narrow screen, too.
    *("#", "equation", "verdict", "speed-up", "99 % interval", *_CASE[1:]),
    *("clock", "by wall clock", "time", "spread", "peak memory", "operators", "error"),
    "recorded",
)
# Characters of sizes, and of a replacement, in the label of a picture.
_LONGEST: Final = 40
_Row: TypeAlias = tuple[Cell, ...]
_DRY_RUN_COLUMNS: Final = (*_CASE, "operators", "copies", "FLOPs", "bytes moved")


def page(report: VerifyReport) -> str:
    """The report as an HTML page."""
    pairs = [(each, case) for each in report.results for case in each.cases]
    cells = [_row(each.equation, result) for each, result in pairs]
    not_run = Cell(f"not run: {report.not_run_reason}")
    cells += [
        _cells(each.equation, case, (not_run, NOTHING, NOTHING), (NOTHING,) * 8)
        for each in report.results
        for case in each.not_run
    ]
    rows = [(Cell(str(number), number), *row) for number, row in enumerate(cells, 1)]
    columns, shown = _used_columns(rows)
    counts = [(verdict.value, report.count(verdict)) for verdict in Verdict]
    counts.append(("not run", report.not_run))
    return _render(
        {
            "report": report,
            "columns": columns,
            "rows": shown,
            "counts": [f"{count} {name}" for name, count in counts if count],
            "pictures": list(figures(list(_labelled(pairs)))),
            "candidates": list(_candidates(pairs)),
            "noise": noise(report),
            "compared": report.compared,
            "notes": [*(warnings(report.saving) if report.saving else ()), *_notes(report)],
            "unmeasured": list(map(unmeasured_cells, report.unmeasured)),
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
            "candidates": [],
            "noise": None,
            "compared": None,
            "notes": list(_left_out(report)),
            "unmeasured": [],
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
    functions = {
        "provenance": provenance,
        "others": others,
        "described": described,
        "summary": summary,
    }
    return rendered("einlint verify", "page.html.jinja", {**values, **functions}, script="sort.js")


def _case(equation: str, case: Case) -> tuple[Cell, ...]:
    texts = (origin_text(case), case.dtype, case.device, case.mode.value)
    return (Cell(equation), sizes_cell(case), *map(Cell, texts))


def _row(equation: str, result: Result) -> tuple[Cell, ...]:
    speedup = result.speedup
    compared = result.comparison
    errors = (compared.error_original, compared.error_replacement) if compared else (None, None)
    gain = Cell(f"{speedup.median:.2f}", speedup.median) if speedup else NOTHING
    interval = f"{speedup.low:.2f} to {speedup.high:.2f}" if speedup else "-"
    found = (Cell(result.verdict.value), gain, Cell(interval, speedup.low if speedup else None))
    measured = (
        *_clocks(result),
        *(
            change(text, *(value(side) if side else None for side in sides))
            for text, value, sides in _costs(result)
        ),
        change("{:.0e}".format, *errors),
        _recorded(result.case),
    )
    return _cells(equation, result.case, found, measured)


def _cells(equation: str, case: Case, found: _Row, measured: _Row) -> _Row:
    """A row but for its number: `found` stands behind the equation, `measured` at the end."""
    first, *others = _case(equation, case)
    return (first, *found, *others, *measured)


def _recorded(case: Case) -> Cell:
    return Cell(recorded_text(case.recorded), case.recorded.seconds if case.recorded else None)


def _clocks(result: Result) -> tuple[Cell, Cell]:
    """The clock of the ratio, and the ratio by the wall clock, where that does not count."""
    wall = result.wall_speedup
    if result.clock is not Clock.CPU or wall is None:
        return NOTHING, NOTHING
    return Cell(result.clock.value), Cell(f"{wall.median:.2f}", wall.median)


_Cost: TypeAlias = tuple[Callable[[float], str], Callable[[Any], float | None], tuple[Any, Any]]


def _costs(result: Result) -> tuple[_Cost, ...]:
    """How to write a cost, how to take it from a side, and the sides."""
    sides = (result.original, result.replacement)
    times = tuple(each.on(result.clock) if each else None for each in sides)
    return (
        (seconds_text, lambda spread: spread.median, (times[0], times[1])),
        ("{:.0%}".format, lambda spread: spread.iqr / spread.median, (times[0], times[1])),
        (memory_text, lambda side: side.peak_bytes, sides),
        ("{:.0f}".format, lambda side: side.operators, sides),
    )


def _labelled(pairs: Sequence[tuple[RewriteResult, Result]]) -> Iterator[tuple[str, Result]]:
    """Each result with a label that no other one has: its number in the table, and what it is."""
    rewrites = {(each.equation, each.original, each.replacement) for each, _ in pairs}
    counts = Counter(equation for equation, _, _ in rewrites)
    for number, (rewrite, result) in enumerate(pairs, 1):
        case = result.case
        what = f"{number}. {rewrite.equation}  {case.dtype} {case.mode.value}"
        sizes = _short(shapes_text(case))
        text = f"  {_short(rewrite.replacement)}" if counts[rewrite.equation] > 1 else ""
        yield f"{what}\n{sizes}{text}", result


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _candidates(pairs: Sequence[tuple[RewriteResult, Result]]) -> Iterator[tuple[str, ...]]:
    """The other spellings of every case, ranked."""
    for number, (rewrite, result) in enumerate(pairs, 1):
        for place, found in ranked(result.candidates):
            measured, speedup = found.measurement, found.speedup
            spread = measured.on(result.clock) if measured else None
            memory = measured.peak_bytes if measured else None
            yield (
                *(f"{number}. {rewrite.equation}", shapes_text(result.case)),
                *(result.case.dtype, result.case.mode.value, place, found.text),
                found.verdict.value + (f": {found.note}" if found.note else ""),
                f"{speedup.median:.2f} ({speedup.low:.2f} to {speedup.high:.2f})"
                if speedup
                else "-",
                "-" if spread is None else seconds_text(spread.median),
                "-" if memory is None else memory_text(memory),
            )


def _left_out(report: VerifyReport | DryRunReport) -> Iterator[str]:
    for each in report.results:
        yield from (f"left out: {each.equation}: {text}" for text in each.left_out)


def _notes(report: VerifyReport) -> Iterator[str]:
    """Notes: what was left out, why a case has no numbers, and a device's times."""
    yield from _left_out(report)
    for each in report.results:
        for result in each.cases:
            case = result.case
            place = f"{each.equation} at {shapes_text(case)} {case.dtype}"
            if result.note is not None:
                yield f"{result.verdict.value}: {place}: {result.note}"
            if (text := device_text(result)) is not None:
                yield f"{place} {case.mode.value}: {text}"
            for name, side in (("original", result.original), ("fix", result.replacement)):
                for kernel in (side.kernels if side else None) or ():
                    times = f"{kernel.launches} launched, {seconds_text(kernel.seconds)}"
                    about = f"kernel of the {name}: {place} {case.mode.value}"
                    yield f"{about}: {kernel.name} ({times})"
