"""A table for the terminal: a row for each spelling, a column for each size of the sweep."""

from collections.abc import Iterator
from typing import Final

from einlint.printable import counted
from einlint.verify.bench.formats import BenchFormat
from einlint.verify.bench.report import BenchReport, Point, Series
from einlint.verify.quantities import seconds_text, sizes_text
from einlint.verify.report import CandidateResult, Verdict
from einlint.verify.verdict import MARGIN

_NOTHING: Final = "-"
_LEGEND: Final = (
    "first row: time of einsum; others: time of einsum / their own, 2.00 is twice as fast",
    "*: the best; ~: its 99 % interval does not say whether it is faster or slower",
)


def render(report: BenchReport) -> str:
    """The environment, a table for every series, and where the best changes."""
    about = ", ".join(f"{name} {value}" for name, value in report.environment if value is not None)
    lines = [about, *_LEGEND, ""]
    for each in report.equations:
        for series in each.series:
            lines += [*_block(each.equation, series), ""]
    lines.append(_summary(report))
    return "\n".join(lines) + "\n"


def _summary(report: BenchReport) -> str:
    measured = sum(point.best is not None for point in report.points)
    left = len(report.points) - measured
    start = "Interrupted. " if report.interrupted else ""
    more = f"; {left} without a measurement" if left else ""
    return f"{start}{counted(measured, 'point')} measured{more}."


def _block(equation: str, series: Series) -> Iterator[str]:
    yield heading(equation, series)
    rows = [_header(series), *(_row(text, series) for text in series.texts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        name, *cells = (
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"  {'  '.join((name, *cells))}".rstrip()
    yield from (f"  {line}" for line in conclusions(series))
    yield from (f"  {line}" for line in notes(series))


def heading(equation: str, series: Series) -> str:
    """The equation, the sizes that stay, dtype, device and mode."""
    case = series.points[0].case
    fixed = tuple(pair for pair in case.sizes if pair[0] not in series.swept)
    words = (sizes_text(fixed), case.dtype, case.device, case.mode.value)
    return f"{equation}  {', '.join(word for word in words if word)}"


def conclusions(series: Series) -> Iterator[str]:
    """Where the best changes, or that it does not."""
    changes = list(series.crossovers())
    for each in changes:
        where = f"between {each.index}={each.start} and {each.index}={each.end}"
        yield f"the best changes {where}: from `{each.before}` to `{each.after}`"
    bests = {point.best for point in series.points if point.best is not None}
    if len(bests) == 1 and not changes:
        is_whole = all(point.best is not None for point in series.points)
        where = "everywhere" if is_whole else "wherever it was measured"
        yield f"the best {where}: `{bests.pop()}`"


def notes(series: Series) -> Iterator[str]:
    """Why a point or a candidate has no numbers, and which points are not to be trusted."""
    said: dict[str, list[str]] = {}
    for point in series.points:
        where = _place(series, point)
        if point.note is not None:
            said.setdefault(point.note, []).append(where)
        if point.control is not None and not _is_one(point.control):
            low, high = point.control
            text = f"einsum against itself: {low:.2f} to {high:.2f}: these times are not steady"
            said.setdefault(text, []).append(where)
        for each in point.candidates:
            if each.note is not None:
                said.setdefault(f"`{each.text}`: {each.note}", []).append(where)
    for text, places in said.items():
        at = ", ".join(place for place in places if place)
        yield f"at {at}: {text}" if at else text


def _is_one(control: tuple[float, float]) -> bool:
    """Whether the interval of a side against itself meets the margin around 1."""
    low, high = control
    return low <= MARGIN and high >= 1 / MARGIN


def _place(series: Series, point: Point) -> str:
    return f"{series.index}={series.size(point)}" if series.swept else ""


def _header(series: Series) -> tuple[str, ...]:
    return ("", *(_place(series, point) or "time, ratio" for point in series.points))


def _row(text: str, series: Series) -> tuple[str, ...]:
    return (text, *(_cell(text, point) for point in series.points))


def _cell(text: str, point: Point) -> str:
    found = point.named(text)
    if found is None:
        return _NOTHING
    mark = "*" if text == point.best else ""
    return mark + _value(found, is_einsum=found is point.candidates[0])


def _value(found: CandidateResult, *, is_einsum: bool) -> str:
    if found.verdict is Verdict.WRONG:
        return "wrong"
    if found.measurement is None or found.speedup is None:
        return _NOTHING
    if is_einsum:
        return seconds_text(found.measurement.seconds.median)
    unsure = "~" if found.verdict is Verdict.UNSURE else ""
    return f"{unsure}{found.speedup.median:.2f}"


FORMAT = BenchFormat(render)
