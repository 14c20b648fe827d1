"""The results of `speed.py` as a table in Markdown, and as a picture."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol

_BAR, _ROW, _LEFT, _WIDE = 10, 36, 12, 340
_STYLE = (
    "svg{--ink:#22262b;--paper:#fff;--other:#8a9bb0;--own:#bc4c00;font:14px sans-serif}"
    "@media(prefers-color-scheme:dark){"
    "svg{--ink:#e4e7ea;--paper:#16191c;--other:#7d8fa5;--own:#f0883e}}"
    "text{fill:var(--ink)}.paper{fill:var(--paper)}.other{fill:var(--other)}.own{fill:var(--own)}"
)
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
    """Bars of the CPU time over the whole tree, as SVG that can be read on a telephone too."""
    shown = [each for each in results if each.name in _TREE]
    longest = max((each.cpu for each in shown), default=1.0)
    height, width = _ROW * len(shown) + 16, _LEFT + _WIDE + _LEFT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-label="CPU time over a tree of sources, by program">',
        f'<style>{_STYLE}</style><rect class="paper" width="{width}" height="{height}"/>',
    ]
    for number, each in enumerate(shown):
        top, length = _ROW * (number + 1) - 8, max(1, _WIDE * each.cpu / longest)
        kind = "own" if each.name.startswith("einlint") else "other"
        said = f"{escape(each.name)}: {_seconds(each.cpu)}"
        parts += [
            f'<text x="{_LEFT}" y="{top - 5}">{said}</text>',
            f'<rect x="{_LEFT}" y="{top}" width="{length:.0f}" height="{_BAR}" class="{kind}"/>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
