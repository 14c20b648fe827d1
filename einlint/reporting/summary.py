"""The last lines for people, and the table of --statistics."""

import json
from collections import Counter
from collections.abc import Sequence

from einlint.diagnostics import Applicability
from einlint.fixes import is_fixable
from einlint.reporting.format import Report

UNKNOWN_EQUATION = "unknown-equation"


def summary(report: Report) -> str:
    """How much was found, fixed and is left, and which option would mend more."""
    left = len(report.diagnostics)
    lines = []
    if report.is_partial and not left:
        lines.append("Nothing found in what could be checked.")
    elif report.fixed:
        lines.append(f"Fixed {_counted(report.fixed)}, {left} left.")
    else:
        lines.append(f"Found {_counted(left)}." if left else "All checks passed!")
    return "\n".join([*lines, *_hints(report)]) + "\n"


def statistics(report: Report, format_name: str) -> str:
    """The number of findings by code, most frequent first, and of calls that cannot be judged."""
    rows = _rows(report)
    if format_name == "json":
        return json.dumps(rows, indent=2) + "\n"
    if format_name == "jsonl":
        return "".join(f"{json.dumps(row)}\n" for row in rows)
    return "".join(
        f"{row['count']}\t{row['code'] or '-'}\t{'[*] ' if row['fixable'] else ''}{row['name']}\n"
        for row in rows
    )


def _rows(report: Report) -> list[dict[str, object]]:
    counts = Counter((each.code, each.name) for each in report.diagnostics)
    fixable = {each.code for each in report.diagnostics if is_fixable(each, report.threshold)}
    rows: list[dict[str, object]] = [
        {"code": code, "name": name, "count": count, "fixable": code in fixable}
        for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    if report.unknown_equations:
        count = report.unknown_equations
        rows.append({"code": None, "name": UNKNOWN_EQUATION, "count": count, "fixable": False})
    return rows


def _hints(report: Report) -> Sequence[str]:
    by_now = sum(is_fixable(each, report.threshold) for each in report.diagnostics)
    unsafe = sum(is_fixable(each, Applicability.UNSAFE) for each in report.diagnostics)
    hints = []
    if by_now and report.fixed is None:
        hints.append(f"[*] {by_now} fixable with the `--fix` option.")
    if unsafe > by_now and report.threshold is Applicability.SAFE:
        hints.append(
            f"{unsafe - by_now} more with `--unsafe-fixes`; the findings say what they need."
        )
    return hints


def _counted(count: int) -> str:
    return f"{count} finding" if count == 1 else f"{count} findings"
