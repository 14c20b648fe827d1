"""One line per finding: `file:line:column: CODE message`."""

from einlint.output.format import Format, Report
from einlint.output.paint import Paint
from einlint.printable import printable


def render(report: Report, paint: Paint) -> str:
    """One line per finding; `[*]` marks those that the options of the run fix."""
    lines = []
    for each in report.diagnostics:
        place = report.place(each)
        start = place.start
        where = f"{paint.bold(place.text_name(each.filename))}:{start.row}:{start.column}:"
        mark = f"{paint.cyan('[*]')} " if each.is_fixable(report.threshold) else ""
        code = paint.severity(each.code, each.severity)
        lines.append(f"{where} {code} {mark}{printable(each.message)}\n")
    return "".join(lines)


FORMAT = Format(render, is_for_people=True)
