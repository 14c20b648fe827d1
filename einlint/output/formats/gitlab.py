"""GitLab's Code Quality report: one JSON array, shown in merge requests."""

import json
from typing import Final

from einlint.diagnostics import Diagnostic, Severity
from einlint.output.fingerprints import with_fingerprints
from einlint.output.format import Format, Report
from einlint.output.paint import Paint
from einlint.output.paths import portable_path
from einlint.output.plain import describe
from einlint.output.records import Record
from einlint.printable import quiet_json
from einlint.source.places import Position

# GitLab knows info, minor, major, critical and blocker.
_SEVERITIES: Final = {
    Severity.ERROR: "critical",
    Severity.WARNING: "minor",
    Severity.INFO: "info",
}


def render(report: Report, paint: Paint) -> str:
    """The array of the findings."""
    issues = [_issue(each, mark, report) for each, mark in with_fingerprints(report)]
    return quiet_json(json.dumps(issues, indent=2)) + "\n"


def _issue(diagnostic: Diagnostic, fingerprint: str, report: Report) -> Record:
    where = report.place_in_file(diagnostic)
    return {
        "description": describe(diagnostic, report.place(diagnostic)).replace("\n", "; "),
        "check_name": diagnostic.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {
            "path": portable_path(diagnostic.filename, report.root),
            "positions": {
                "begin": _position(where.start),
                "end": _position(where.end),
            },
        },
    }


def _position(position: Position) -> Record:
    return {"line": position.row, "column": position.column}


FORMAT = Format(render, has_statistics=False)
