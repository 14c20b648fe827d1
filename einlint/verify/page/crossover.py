"""The crossover picture of a series: speed-ups with their intervals, and memory below."""

from collections.abc import Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from einlint.verify.bench.report import Point, Series
from einlint.verify.page.svg import BAND, INK, STYLE, inline, standalone
from einlint.verify.page.template import text_of
from einlint.verify.quantities import memory_text
from einlint.verify.report import CandidateResult
from einlint.verify.verdict import MARGIN

_COLOURS: Final = tuple(f"#0202{number:02}" for number in range(1, 9))
_VARIABLES: Final = {
    colour: f"var(--line{number})" for number, colour in enumerate(_COLOURS, start=1)
}
_MARKERS: Final = "os^Dv<>p"
_DASHES: Final = ("-", "--", ":", "-.")
_LONGEST: Final = 110
_TICKS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def crossover(title: str, series: Series, number: int) -> str | None:
    """An SVG element, the number-th of its page; None if there are no two points to connect."""
    points = [point for point in series.points if point.best is not None]
    if len(points) < 2:
        return None
    texts = [text for text in series.texts if len(_line(text, series, points)[0]) > 0]
    with mpl.rc_context(STYLE):
        height = 5.4 + 0.19 * len(texts)
        figure = Figure(figsize=(9, height), layout="constrained")
        speed, space = figure.subplots(2, 1, sharex=True, height_ratios=(5, 2))
        for place, text in enumerate(texts):
            _draw(speed, space, _line(text, series, points), _look(place, text))
        _frame(speed, space, series, points)
        speed.set_title(title, loc="left", fontsize=9)
        figure.legend(
            *speed.get_legend_handles_labels(),
            loc="outside lower left",
            frameon=False,
            prop={"family": "monospace", "size": 8},
        )
        return inline(figure, f"crossover{number}", _alt(title, series), _VARIABLES)


def crossover_file(title: str, series: Series) -> str:
    """The picture as an SVG file that looks the same outside of a page.

    Raises:
        ValueError: there are no two points to connect.
    """
    svg = crossover(title, series, 0)
    if svg is None:
        raise ValueError(f"{title}: fewer than two points were measured")
    return standalone(svg, text_of("picture.css") + text_of("bench.css"))


def _look(place: int, text: str) -> dict[str, Any]:
    """Colour, marker and dashes; einsum, which comes first, has the colour of the text."""
    label = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if place == 0:
        return {"color": INK, "marker": "", "linestyle": "-", "label": label}
    round_, kind = divmod(place - 1, len(_COLOURS))
    dashes = _DASHES[round_ % len(_DASHES)]
    look = {"color": _COLOURS[kind], "marker": _MARKERS[kind], "linestyle": dashes}
    return {**look, "label": label}


def _line(
    text: str, series: Series, points: Sequence[Point]
) -> tuple[list[int], list[CandidateResult]]:
    """The swept sizes at which a candidate was measured, and its results."""
    found = [(series.size(point), point.named(text)) for point in points]
    timed = [(size, each) for size, each in found if each is not None and each.speedup is not None]
    return [size for size, _ in timed], [each for _, each in timed]


def _draw(
    speed: Any, space: Any, line: tuple[list[int], list[CandidateResult]], look: dict[str, Any]
) -> None:
    sizes, results = line
    speedups = [each.speedup for each in results if each.speedup is not None]
    speed.plot(sizes, [each.median for each in speedups], markersize=4, lw=1.5, **look)
    lows, highs = [each.low for each in speedups], [each.high for each in speedups]
    speed.fill_between(sizes, lows, highs, color=look["color"], alpha=0.2, linewidth=0)
    known = [
        (size, each.measurement.peak_bytes)
        for size, each in zip(sizes, results, strict=True)
        if each.measurement is not None and each.measurement.peak_bytes
    ]
    if known:
        space.plot(*zip(*known, strict=True), markersize=3, lw=1, **look)


def _frame(speed: Any, space: Any, series: Series, points: Sequence[Point]) -> None:
    """Axes and their texts, the margin, and a band wherever the best changes."""
    sizes = [series.size(point) for point in points]
    speed.set_yscale("log")
    space.set_yscale("log", base=2)
    for axes in (speed, space):
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_locator(NullLocator())
        axes.spines[["top", "right"]].set_visible(False)
    speed.axhspan(1 / MARGIN, MARGIN, color=BAND, linewidth=0, zorder=0)
    for each in series.crossovers():
        speed.axvspan(each.start, each.end, color=BAND, alpha=0.6, linewidth=0, zorder=0)
    low, high = speed.get_ylim()
    speed.set_yticks([tick for tick in _TICKS if low <= tick <= high])
    speed.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    speed.set_ylabel("time of einsum / own time")
    space.yaxis.set_major_formatter(FuncFormatter(lambda value, _: memory_text(value)))
    space.set_ylabel("peak memory")
    space.set_xticks(sizes, [str(size) for size in sizes])
    space.set_xlabel(", ".join(series.swept))


def _alt(title: str, series: Series) -> str:
    changes = [
        f"from {each.before} to {each.after} between {each.start} and {each.end}"
        for each in series.crossovers()
    ]
    what = f"the best changes {'; '.join(changes)}" if changes else "the best is the same"
    return f"Speed-ups over {series.index} of {title}: {what}; the table has the numbers"
