"""The summary as an HTML page: a picture, and tables with the same numbers; loads nothing."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from einlint.arrow.summary import Line, Summary, Tally
from einlint.arrow.summary_text import MOST, shortened

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #22262b; --paper: #fff; --line: #d5d9de;
  --safe: #146c43; --unsafe: #b7791f; --other: #9aa3ad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ea; --paper: #16191c; --line: #3b4148;
  --safe: #6bcf9b; --unsafe: #f0b35e; --other: #7c8690; } }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; overflow-wrap: anywhere; }
figure { margin: 0; overflow-x: auto; } svg { width: 100%; min-width: 40rem; height: auto; }
svg text { fill: var(--ink); font: 12px ui-monospace, monospace; }
.safe { fill: var(--safe); } .unsafe { fill: var(--unsafe); } .other { fill: var(--other); }
.swatch { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; }
th, td { text-align: right; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; } tbody th { font: .8rem ui-monospace, monospace; }
"""
_PARTS: Final = {"safe": "safe fix", "unsafe": "unsafe fix", "other": "no fix"}

# Units of the picture.
_ROW: Final = 24
_LEFT: Final = 330
_BAR: Final = 480
_WIDTH: Final = 900


def summary_page(summary: Summary) -> str:
    """The page."""
    title = "einlint scan"
    problems = "".join(f"<li>{escape(name)}: {count:,}</li>" for name, count in summary.problems)
    body = [
        f"<h1>{title}</h1><p>{escape(summary.headline)}.</p>",
        f"<ul>{problems}</ul>" if problems else "",
        _section(f"by {summary.by}", summary.groups),
        _section("by rule", summary.rules),
        _section("by equation", summary.equations),
    ]
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    text = (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}{view}</head>\n'
        f"<body><main>\n{''.join(body)}</main></body></html>\n"
    )
    return text.encode("utf-8", "backslashreplace").decode()


def _section(title: str, lines: Sequence[Line]) -> str:
    if not lines:
        return ""
    shown, more = lines[:MOST], len(lines) - MOST
    rest = f"<p>and {more:,} more</p>" if more > 0 else ""
    legend = "".join(
        f'<span class="swatch" style="background: var(--{part})"></span>{name}'
        for part, name in _PARTS.items()
    )
    return (
        f"<h2>{escape(shortened(title))}</h2>\n<p>{legend}</p>\n"
        f"<figure>{_picture(title, shown)}</figure>\n"
        f'<div class="scroll">{_table(shown)}</div>{rest}\n'
    )


def _picture(title: str, lines: Sequence[Line]) -> str:
    """Bars of the findings, with the fixable ones first."""
    alt = escape(f"Findings {title}; the table below has the numbers")
    most = lines[0].tally.findings
    bars = "".join(_bar(line, number, most) for number, line in enumerate(lines))
    box = f"0 0 {_WIDTH} {_ROW * len(lines)}"
    return f'<svg viewBox="{box}" role="img" aria-label="{alt}">{bars}</svg>'


def _bar(line: Line, number: int, most: int) -> str:
    top, base = number * _ROW, number * _ROW + 16
    at, pieces = float(_LEFT), []
    for part, count in _counts(line.tally):
        width = _BAR * count / most
        about = f"{count:,} with {_PARTS[part]}" if part != "other" else f"{count:,} without fix"
        pieces.append(
            f'<rect class="{part}" x="{at:.1f}" y="{top + 4}" width="{width:.1f}" height="16">'
            f"<title>{about}</title></rect>"
        )
        at += width
    name = escape(_label(line))
    return (
        f'<text x="{_LEFT - 8}" y="{base}" text-anchor="end">{name}</text>{"".join(pieces)}'
        f'<text x="{at + 6:.1f}" y="{base}">{line.tally.findings:,}</text>'
    )


def _counts(tally: Tally) -> Iterator[tuple[str, int]]:
    counts = {"safe": tally.safe, "unsafe": tally.unsafe, "other": tally.other}
    return ((part, count) for part, count in counts.items() if count)


def _label(line: Line) -> str:
    name = shortened(line.name)
    return name if len(name) <= 42 else f"{name[:41]}…"


def _table(lines: Sequence[Line]) -> str:
    head = "<tr><th scope='col'></th><th scope='col'>findings</th>"
    head += "".join(f"<th scope='col'>{name}</th>" for name in _PARTS.values())
    rows = "".join(
        f"<tr><th scope='row'>{escape(' '.join(filter(None, (line.name, line.detail))))}</th>"
        f"<td>{line.tally.findings:,}</td><td>{line.tally.safe:,}</td>"
        f"<td>{line.tally.unsafe:,}</td><td>{line.tally.other:,}</td></tr>"
        for line in lines
    )
    return f"<table><thead>{head}</tr></thead><tbody>{rows}</tbody></table>"
