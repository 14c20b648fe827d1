"""SARIF 2.1.0: one run with the rules, the results, and their fixes as text edits."""

import json
from typing import Any, Final

from einlint import __version__
from einlint.diagnostics import Diagnostic, Edit, Fix, Severity
from einlint.output.fingerprints import with_fingerprints
from einlint.output.format import Format, Report
from einlint.output.paint import Paint
from einlint.output.paths import uri
from einlint.output.plain import describe
from einlint.output.records import Record
from einlint.printable import quiet_json
from einlint.rulebook.pages import sections, summary
from einlint.rulebook.rule import Rule
from einlint.rulebook.selection import all_rules
from einlint.source.lines import TextMap
from einlint.source.places import Place

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}
# Not `primaryLocationLineHash`: GitHub computes that one itself and rejects other values.
_FINGERPRINT: Final = "fileCodeEquation/v1"


def render(report: Report, paint: Paint) -> str:
    """The log, in ASCII: the encoding of a terminal cannot damage it."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return quiet_json(json.dumps(log, indent=2)) + "\n"


def _run(report: Report) -> Record:
    rules = all_rules()
    urls = {each.code: each.url for each in report.diagnostics}
    indices = {rule.code: index for index, rule in enumerate(rules)}
    return {
        "tool": {
            "driver": {
                "name": "einlint",
                "version": __version__,
                "rules": [_descriptor(rule, urls.get(rule.code)) for rule in rules],
            }
        },
        "invocations": [{"executionSuccessful": not report.is_partial}],
        "columnKind": "unicodeCodePoints",
        # Lines are counted as Python counts them.
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": [
            {"ruleIndex": indices[each.code], **_result(each, fingerprint, report)}
            for each, fingerprint in with_fingerprints(report)
        ],
    }


def _descriptor(rule: Rule[Any], url: str | None) -> Record:
    page = rule.page.strip()
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": _message(summary(page)),
        "fullDescription": _message(sections(page)["What it does"]),
        "help": {**_message(page), "markdown": _literal(page)},
        **({} if url is None else {"helpUri": url}),
        "defaultConfiguration": {"enabled": rule.is_default, "level": _LEVELS[rule.severity]},
    }


def _result(diagnostic: Diagnostic, fingerprint: str, report: Report) -> Record:
    place: Record = {"uri": uri(diagnostic.filename, report.root)}
    location = {
        "artifactLocation": place,
        "region": _region(report.place_in_file(diagnostic)),
    }
    result: Record = {
        "ruleId": diagnostic.code,
        "level": _LEVELS[diagnostic.severity],
        "message": _message(describe(diagnostic, report.place(diagnostic))),
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    # Fixes of a notebook edit its cells; SARIF can only describe edits of the file.
    is_script = report.place(diagnostic).cell is None
    if is_script and diagnostic.fix is not None and diagnostic.fix.edits:
        result["fixes"] = [_fix(diagnostic.fix, place, report.map(diagnostic))]
    return result


def _fix(fix: Fix, place: Record, places: TextMap) -> Record:
    replacements = [_replacement(edit, places) for edit in fix.edits]
    return {
        "description": _message(fix.message),
        "artifactChanges": [{"artifactLocation": place, "replacements": replacements}],
        "properties": {"applicability": fix.applicability.name.lower()},
    }


def _replacement(edit: Edit, places: TextMap) -> Record:
    return {
        "deletedRegion": _region(places.place(edit.start, edit.end)),
        "insertedContent": {"text": edit.content},
    }


def _region(place: Place) -> Record:
    return {
        "startLine": place.start.row,
        "startColumn": place.start.column,
        "endLine": place.end.row,
        "endColumn": place.end.column,
    }


def _message(text: str) -> Record:
    return {"text": _literal(text)}


def _literal(text: str) -> str:
    """Double the braces: in SARIF messages a single one starts a placeholder."""
    return text.replace("{", "{{").replace("}", "}}")


FORMAT = Format(render, has_statistics=False)
