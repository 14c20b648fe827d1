"""The page of bench: a crossover picture and a table for each series."""

from collections.abc import Iterator
from dataclasses import dataclass

from einlint.verify.bench.formats.text import conclusions, heading, notes
from einlint.verify.bench.report import BenchReport, Point, Series
from einlint.verify.page.crossover import crossover
from einlint.verify.page.template import rendered
from einlint.verify.quantities import memory_text, seconds_text
from einlint.verify.report import CandidateResult, Measurement


@dataclass(frozen=True, slots=True)
class _Cell:
    """The ratio with its interval, what it costs below, and how it is shown."""

    text: str
    costs: str = ""
    look: str = ""


def bench_page(report: BenchReport) -> str:
    """The report as an HTML page."""
    blocks = [
        _block(heading(each.equation, series), series, number)
        for number, (each, series) in enumerate(
            (each, series) for each in report.equations for series in each.series
        )
    ]
    values = {"report": report, "blocks": blocks}
    return rendered("einlint bench", "bench.html.jinja", values, sheets=("bench.css",))


def _block(title: str, series: Series, number: int) -> dict[str, object]:
    return {
        "title": title,
        "picture": crossover(title, series, number),
        "columns": [_column(series, point) for point in series.points],
        "rows": [(text, list(_cells(text, series))) for text in series.texts],
        "conclusions": list(conclusions(series)),
        "notes": list(notes(series)),
    }


def _column(series: Series, point: Point) -> str:
    return f"{series.index}={series.size(point)}" if series.swept else "ratio"


def _cells(text: str, series: Series) -> Iterator[_Cell]:
    for point in series.points:
        found = point.named(text)
        yield _Cell("-") if found is None else _cell(found, is_best=text == point.best)


def _cell(found: CandidateResult, *, is_best: bool) -> _Cell:
    look = "best" if is_best else found.verdict.value if found.verdict != "same" else ""
    if found.speedup is None or found.measurement is None:
        return _Cell("wrong" if found.verdict == "wrong" else "-", look=look)
    ratio = found.speedup
    interval = f" ({ratio.low:.2f} to {ratio.high:.2f})" if ratio.low != ratio.high else ""
    error = found.comparison.error_replacement if found.comparison else None
    costs = _costs(found.measurement, error)
    return _Cell(f"{ratio.median:.2f}{interval}", costs, look)


def _costs(measured: Measurement, error: float | None) -> str:
    parts = [seconds_text(measured.seconds.median)]
    if measured.peak_bytes is not None:
        parts.append(memory_text(measured.peak_bytes))
    if error is not None:
        parts.append(f"error {error:.0e}")
    return ", ".join(parts)
