"""The last lines for people, and the table of --statistics."""

from collections import Counter
from collections.abc import Sequence

from einlint.diagnostics import Applicability
from einlint.fixes import is_fixable
from einlint.reporting.format import Format, Report
from einlint.reporting.records import Record

UNKNOWN_EQUATION = "unknown-equation"


def summary(report: Report) -> str:
    """How much was found, fixed and is left, and which option would mend more."""
    left = len(report.diagnostics)
    lines = []
    if report.is_partial and not left:
        lines.append("Nothing found in what could be checked.")
    elif report.fixed:
        lines.append(f"Fixed {_counted(report.fixed, 'finding')}, {left} left.")
    else:
        lines.append(f"Found {_counted(left, 'finding')}." if left else "All checks passed!")
    return "\n".join([*lines, *_hints(report)]) + "\n"


def statistics(report: Report, chosen: Format) -> str:
    """The number of findings by code, most frequent first, and of calls that cannot be judged."""
    rows = _rows(report)
    if chosen.render_records is not None:
        return chosen.render_records(rows)
    return "".join(
        f"{row['count']}\t{row['code'] or '-'}\t{'[*] ' if row['fixable'] else ''}{row['name']}\n"
        for row in rows
    )


def _rows(report: Report) -> list[Record]:
    counts = Counter((each.code, each.name) for each in report.diagnostics)
    fixable = {each.code for each in report.diagnostics if is_fixable(each, report.threshold)}
    rows: list[Record] = [
        {"code": code, "name": name, "count": count, "fixable": code in fixable}
        for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    if report.unknown_equations:
        count = report.unknown_equations
        rows.append({"code": None, "name": UNKNOWN_EQUATION, "count": count, "fixable": False})
    return rows


def _hints(report: Report) -> Sequence[str]:
    """Which options would mend more, and what was not judged."""
    by_now = sum(is_fixable(each, report.threshold) for each in report.diagnostics)
    unsafe = sum(is_fixable(each, Applicability.UNSAFE) for each in report.diagnostics) - by_now
    options = "--fix --unsafe-fixes" if report.threshold is Applicability.UNSAFE else "--fix"
    hints = []
    if by_now and report.fixed is None:
        hints.append(f"[*] {by_now} fixable with `{options}`.")
    if unsafe:
        more = "more " if by_now else ""
        hints.append(f"{unsafe} {more}with `--unsafe-fixes`; the findings say what is not proved.")
    if report.accepted:
        hints.append(f"{_counted(report.accepted, 'finding')} accepted by the baseline.")
    if report.unknown_equations:
        calls = _counted(report.unknown_equations, "call")
        hints.append(f"{calls} with an equation that is not literal: not judged.")
    return hints


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
