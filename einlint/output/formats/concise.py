"""One line a finding: `file:row:column: CODE message`."""

from einlint.linting.fixes import is_fixable
from einlint.output.format import Format, Report
from einlint.output.paint import Paint


def render(report: Report, paint: Paint) -> str:
    """`[*]` marks what the fixes of this run's options would mend."""
    lines = []
    for each in report.diagnostics:
        start = each.range.start
        place = f"{paint.bold(each.text_name)}:{start.row}:{start.column}:"
        mark = f"{paint.cyan('[*]')} " if is_fixable(each, report.threshold) else ""
        lines.append(f"{place} {paint.red(each.code)} {mark}{each.message}\n")
    return "".join(lines)


FORMAT = Format(render, is_for_people=True)
