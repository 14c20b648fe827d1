"""The results of `speed.py` as a table in Markdown, and as a picture."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol

_BAR, _ROW, _LEFT, _WIDE = 14, 24, 230, 420
_TREE = (
    "ripgrep",
    "ruff, one rule",
    "ruff, its default rules",
    "einlint -j 1",
    "einlint",
    "einlint --diff",
)


class Result(Protocol):
    """The medians of a case; ratios to the case that it is compared with."""

    name: str
    cpu: float
    wall: float
    peak: float
    beside: str | None
    cpu_ratio: float | None
    wall_ratio: float | None
    peak_ratio: float | None
    instructions: int | None


def table(results: Sequence[Result], about: Mapping[str, object]) -> str:
    """The table, below it what the figures depend on."""
    lines = ["| | CPU | time | memory | instructions | compared with | CPU | time | memory |"]
    lines += ["|---|" + "--:|" * 4 + "---|" + "--:|" * 3]
    for each in results:
        counted = "" if each.instructions is None else f"{each.instructions:,} M"
        ratios = (each.cpu_ratio, each.wall_ratio, each.peak_ratio)
        compared = " | ".join("" if ratio is None else f"{ratio:.2f} x" for ratio in ratios)
        own = f"{_seconds(each.cpu)} | {_seconds(each.wall)} | {each.peak:.0f} MB | {counted}"
        lines.append(f"| {each.name} | {own} | {each.beside or ''} | {compared} |")
    facts = ", ".join(f"{key} {_shown(value)}" for key, value in about.items())
    return "\n".join([*lines, "", f"Measured with: {facts}."])


def _shown(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else f"{value}"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.0f} ms"


def picture(results: Sequence[Result]) -> str:
    """Bars of the CPU time over the whole tree, as SVG."""
    shown = [each for each in results if each.name in _TREE]
    longest = max((each.cpu for each in shown), default=1.0)
    height, width = _ROW * len(shown) + 10, _LEFT + _WIDE + 90
    style = "text{font:13px sans-serif;fill:#555}rect{fill:#9ab}.own{fill:#c52}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' aria-label="CPU time over a tree of sources, by program">',
        f"<style>{style}</style>",
    ]
    for number, each in enumerate(shown):
        top, length = 8 + _ROW * number, max(1, _WIDE * each.cpu / longest)
        kind = ' class="own"' if each.name.startswith("einlint") else ""
        middle = top + _BAR - 3
        parts += [
            f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{escape(each.name)}</text>',
            f'<rect x="{_LEFT}" y="{top}" width="{length:.0f}" height="{_BAR}"{kind}/>',
            f'<text x="{_LEFT + length + 6:.0f}" y="{middle}">{_seconds(each.cpu)}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
