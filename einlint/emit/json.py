"""One JSON array of all findings."""

import json

from einlint.reporting.format import Format, Report
from einlint.reporting.paint import Paint
from einlint.reporting.records import record_of


def render(report: Report, paint: Paint) -> str:
    """The array, indented, and a newline."""
    records = [record_of(each) for each in report.diagnostics]
    return json.dumps(records, indent=2) + "\n"


FORMAT = Format(render)
