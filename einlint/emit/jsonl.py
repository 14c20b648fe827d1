"""One JSON object a line, one line a finding."""

import json

from einlint.reporting.format import Format, Report
from einlint.reporting.paint import Paint
from einlint.reporting.records import record_of


def render(report: Report, paint: Paint) -> str:
    """The lines; nothing where nothing was found."""
    records = (record_of(each) for each in report.diagnostics)
    return "".join(f"{json.dumps(record)}\n" for record in records)


FORMAT = Format(render)
