"""One JSON object a line, one line a finding."""

import json
from collections.abc import Sequence

from einlint.output.format import Format, Report
from einlint.output.paint import Paint
from einlint.output.records import Record, record_of
from einlint.printable import quiet_json


def render(report: Report, paint: Paint) -> str:
    """The lines; nothing where nothing was found."""
    return render_records([record_of(each, report.map(each)) for each in report.diagnostics])


def render_records(records: Sequence[Record]) -> str:
    """One line a record."""
    return "".join(f"{quiet_json(json.dumps(record))}\n" for record in records)


FORMAT = Format(render, render_records=render_records)
