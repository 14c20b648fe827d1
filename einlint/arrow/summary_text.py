"""The summary as text: three tables."""

from collections.abc import Iterator, Sequence
from typing import Final

from einlint.arrow.summary import Line, Summary
from einlint.printable import counted, printable

MOST: Final = 20
"""Lines of a table."""
_WIDEST: Final = 60


def summary_text(summary: Summary) -> str:
    """The summary with the most frequent lines of each table."""
    lines = [summary.headline]
    lines += [f"  {name}: {counted(count, 'row')}" for name, count in summary.problems]
    tables = {
        f"by {summary.by}": summary.groups,
        "rule": summary.rules,
        "equation": summary.equations,
    }
    for title, rows in tables.items():
        if rows:
            lines += ["", *_table(printable(title), rows)]
    return "".join(f"{line}\n" for line in lines)


def _table(title: str, rows: Sequence[Line]) -> Iterator[str]:
    names = [shortened(" ".join(filter(None, (each.name, each.detail)))) for each in rows[:MOST]]
    width = max(map(len, (title, *names)))
    yield f"{title:{width}}  findings      safe    unsafe"
    for name, each in zip(names, rows, strict=False):
        tally = each.tally
        yield f"{name:{width}}  {tally.findings:8,}  {tally.safe:8,}  {tally.unsafe:8,}"
    if len(rows) > MOST:
        yield f"and {len(rows) - MOST:,} more"


def shortened(text: str) -> str:
    """A text for one line of a table."""
    shown = printable(text)
    return shown if len(shown) <= _WIDEST else f"{shown[: _WIDEST - 1]}…"
