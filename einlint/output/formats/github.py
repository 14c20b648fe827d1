"""GitHub workflow commands: annotations beside the lines of a pull request."""

from typing import Final

from einlint.diagnostics import Diagnostic, Severity
from einlint.output.format import Format, Report
from einlint.output.paint import Paint
from einlint.printable import printable, printable_lines

_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def render(report: Report, paint: Paint) -> str:
    """One `::error`, `::warning` or `::notice` command per finding."""
    return "".join(f"{_command(each, report)}\n" for each in report.diagnostics)


def _command(diagnostic: Diagnostic, report: Report) -> str:
    where = report.place_in_file(diagnostic)
    start, end = where.start, where.end
    properties = {
        "title": f"einlint ({diagnostic.code})",
        "file": diagnostic.filename,
        "line": str(start.row),
        "col": str(start.column),
        "endLine": str(end.row),
        "endColumn": str(end.column),
    }
    # GitHub rejects columns on an annotation that spans several lines.
    if not where.is_one_line:
        del properties["col"], properties["endColumn"]
    joined = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    place = f"{report.place(diagnostic).within(diagnostic.filename)}: {diagnostic.code} "
    lines = [place + diagnostic.message, *([diagnostic.fix.message] if diagnostic.fix else ())]
    text = "\n".join(map(printable, lines))
    return f"::{_LEVELS[diagnostic.severity]} {joined}::{_data(text)}"


def _data(text: str) -> str:
    """Source: the escapes of the workflow toolkit's command file."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    # GitHub turns the end of a line back, and has no escape for what else a terminal obeys.
    return _data(printable_lines(text)).replace(":", "%3A").replace(",", "%2C")


FORMAT = Format(render)
