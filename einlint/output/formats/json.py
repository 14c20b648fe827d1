"""One JSON array of all findings."""

import json
from collections.abc import Sequence

from einlint.output.format import Format, Report
from einlint.output.paint import Paint
from einlint.output.records import Record, record_of
from einlint.printable import quiet_json


def render(report: Report, paint: Paint) -> str:
    """The array of the findings."""
    return render_records([record_of(each, report.map(each)) for each in report.diagnostics])


def render_records(records: Sequence[Record]) -> str:
    """The array, indented, and a newline; in ASCII, so that no terminal changes it."""
    return quiet_json(json.dumps(records, indent=2)) + "\n"


FORMAT = Format(render, render_records=render_records)
