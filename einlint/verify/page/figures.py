"""SVG pictures: speed-up with interval, peak memory and operators, one row for each case."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from einlint.verify.page.svg import BAND, INK, STYLE, inline
from einlint.verify.quantities import memory_text
from einlint.verify.report import Result
from einlint.verify.verdict import MARGIN

_ROWS: Final = 24  # in one picture
_ORIGINAL, _REPLACEMENT = "#010102", "#010103"  # placeholders, as INK is
_VARIABLES: Final = {_ORIGINAL: "var(--original)", _REPLACEMENT: "var(--replacement)"}


def figures(rows: Sequence[tuple[str, Result]]) -> Iterator[str]:
    """SVG elements with at most _ROWS rows; a row is a label and a result."""
    timed = [row for row in rows if row[1].speedup is not None]
    if not timed:
        return
    lows = [each.speedup.low for _, each in timed if each.speedup]
    highs = [each.speedup.high for _, each in timed if each.speedup]
    limits = (min(0.8, *lows, 1) / 1.15, max(1.25, *highs, 1) * 1.6)
    for number, part in enumerate(_batches(timed)):
        yield _figure(part, limits, number)


def _batches(rows: Sequence[tuple[str, Result]]) -> Iterator[Sequence[tuple[str, Result]]]:
    for start in range(0, len(rows), _ROWS):
        yield rows[start : start + _ROWS]


def _figure(rows: Sequence[tuple[str, Result]], limits: tuple[float, float], number: int) -> str:
    with mpl.rc_context(STYLE):
        height = 0.42 * len(rows) + 0.9
        figure = Figure(figsize=(11, height), layout="constrained")
        speed, space, work = figure.subplots(1, 3, sharey=True, width_ratios=(5, 3, 3))
        _speedups(speed, rows, limits)
        results = [result for _, result in rows]
        _bars(space, "peak memory", results, lambda each: each.peak_bytes, memory_text)
        _bars(work, "operators", results, lambda each: each.operators, "{:.0f}".format)
        _frame(speed, rows)
        return inline(figure, f"picture{number}", _alt(len(rows)), _VARIABLES)


def _frame(axes: Any, rows: Sequence[tuple[str, Result]]) -> None:
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _speedups(axes: Any, rows: Sequence[tuple[str, Result]], limits: tuple[float, float]) -> None:
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    axes.axvspan(1 / MARGIN, MARGIN, color=BAND, linewidth=0)
    axes.axvline(1, color=INK, linewidth=0.8)
    for place, (_, result) in enumerate(rows):
        if (speedup := result.speedup) is not None:
            axes.plot([speedup.low, speedup.high], [place, place], color=_REPLACEMENT, lw=2)
            axes.plot([speedup.median], [place], "o", color=_REPLACEMENT, ms=5)
            text = f"{speedup.median:.2f} {result.verdict.value}"
            where = (max(speedup.high, MARGIN), place)
            axes.annotate(text, where, (5, 0), textcoords="offset points", va="center")
    ticks = [tick for tick in _TICKS if limits[0] <= tick <= limits[1]]
    axes.set_xticks(ticks)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_title("speed-up, with its 99 % interval", loc="left", fontsize=9)
    axes.spines[["top", "right", "left"]].set_visible(False)


_TICKS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def _bars(
    axes: Any,
    title: str,
    results: Sequence[Result],
    value_of: Callable[[Any], int | None],
    text: Callable[[float], str],
) -> None:
    """Two bars in each row, relative to the longer one."""
    for place, result in enumerate(results):
        sides = ((result.original, _ORIGINAL, -0.18), (result.replacement, _REPLACEMENT, 0.18))
        values = [value_of(side) if side else None for side, _, _ in sides]
        longest = max((each for each in values if each is not None), default=0) or 1
        for value, (_, colour, shift) in zip(values, sides, strict=True):
            if value is not None:
                axes.barh(place + shift, value / longest, 0.3, color=colour)
                axes.text(value / longest + 0.02, place + shift, text(value), va="center", size=8)
    axes.set_xlim(0, 1.5)
    axes.set_xticks([])
    axes.set_title(title, loc="left", fontsize=9)
    axes.spines[:].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _alt(rows: int) -> str:
    cases = "1 case" if rows == 1 else f"{rows} cases"
    return f"Speed-up, peak memory and operators of {cases}; the table has the numbers"
