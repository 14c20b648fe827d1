"""Read every output format back: checked by its schema or its reader, as places of findings."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import jsonschema
from junitparser import Failure, JUnitXml
from lxml import etree

from tests.conftest import ROOT

SCHEMAS = ROOT / "fixtures" / "schemas"
SARIF = jsonschema.Draft4Validator(
    json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
)
JUNIT = etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd"))

_GITLAB_PLACE = {
    "type": "object",
    "required": ["line"],
    "properties": {"line": {"type": "integer", "minimum": 1}},
}
# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
GITLAB = jsonschema.Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "minLength": 1},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "positions"],
                    "properties": {
                        "path": {"type": "string", "pattern": r"^(?!\./)"},
                        "positions": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {"begin": _GITLAB_PLACE, "end": _GITLAB_PLACE},
                        },
                    },
                },
            },
        },
    }
)


@dataclass(frozen=True, order=True)
class Place:
    """What a format says of a finding's place; formats for people do not say the end.

    filename: with the cell, `a.ipynb:cell 3`, where the format has one.
    """

    filename: str
    code: str
    start: tuple[int, int]
    end: tuple[int | None, int | None] = (None, None)


def read_full(text: str) -> list[Place]:
    found = re.findall(r"^(EIN\d+) .*\n  --> (.*):(\d+):(\d+)\n +\|$", text, re.M)
    return [Place(name, code, (int(row), int(column))) for code, name, row, column in found]


def read_concise(text: str) -> list[Place]:
    *lines, _ = text.splitlines()
    rows = [re.fullmatch(r"(.*?):(\d+):(\d+): (EIN\d+) .*", line) for line in lines if line]
    found = [row.groups() for row in rows if row]
    return [Place(name, code, (int(row), int(column))) for name, row, column, code in found]


def read_json(text: str) -> list[Place]:
    return [_of_record(each) for each in json.loads(text)]


def read_jsonl(text: str) -> list[Place]:
    return [_of_record(json.loads(line)) for line in text.splitlines()]


def _of_record(record: dict[str, Any]) -> Place:
    start, end = (
        (record[each]["row"], record[each]["column"]) for each in ("location", "end_location")
    )
    cell = "" if record["cell"] is None else f":cell {record['cell']}"
    return Place(record["filename"] + cell, record["code"], start, end)


def read_sarif(text: str) -> list[Place]:
    log = json.loads(text)
    SARIF.validate(log)
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    places = []
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == rules[result["ruleIndex"]]["defaultConfiguration"]["level"]
        (location,) = result["locations"]
        address = location["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", address), "relative, and nothing left to encode"
        region = location["physicalLocation"]["region"]
        start, end = ((region[f"{each}Line"], region[f"{each}Column"]) for each in ("start", "end"))
        places.append(Place(unquote(address), result["ruleId"], start, end))
    return places


def read_github(text: str) -> list[Place]:
    return [_of_command(line) for line in text.splitlines()]


def _of_command(line: str) -> Place:
    head, _, message = line.removeprefix("::").partition("::")
    kind, _, properties = head.partition(" ")
    assert kind in ("warning", "error")
    values = dict(each.split("=", 1) for each in properties.split(","))
    row, column, code = re.match(r".*?:(\d+):(\d+): (EIN\d+) ", message).groups()  # type: ignore[union-attr]
    if (
        ":cell " in message
    ):  # the row of the annotation is that of the file, the text has the cell's
        row, column = values["line"], values.get("col", column)
    assert values["line"] == row
    assert values.get("col", column) == column
    end_column = values.get("endColumn")
    end = (int(values["endLine"]), int(end_column) if end_column else None)
    return Place(unquote(values["file"]), code, (int(row), int(column)), end)


def read_gitlab(text: str) -> list[Place]:
    issues = json.loads(text)
    GITLAB.validate(issues)
    assert len({each["fingerprint"] for each in issues}) == len(issues)
    places = []
    for each in issues:
        begin, end = (each["location"]["positions"][name] for name in ("begin", "end"))
        start = (begin["line"], begin["column"])
        path = each["location"]["path"]
        places.append(Place(path, each["check_name"], start, (end["line"], end["column"])))
    return places


def read_junit(text: str) -> list[Place]:
    root = etree.fromstring(text.encode())
    JUNIT.assertValid(root)
    report = JUnitXml.fromstring(text.encode())
    counted = (report.tests, report.failures, report.errors)
    report.update_statistics()
    assert (report.tests, report.failures, report.errors) == counted
    assert report.tests > 0, "readers take a report without a test for a broken one"
    places = []
    for suite in report:
        for case in suite:
            for result in case.result:
                assert isinstance(result, Failure)
                assert suite.name == case.classname
                code, place = case.name.split(" at ")
                *cell, row, column = place.split(":")
                name = ":".join([suite.name, *cell])
                places.append(Place(name, code, (int(row), int(column))))
                assert result.text.startswith(f"{name}:{row}:{column}: {code} ")
                assert result.message in result.text
    return places


READERS: dict[str, Callable[[str], list[Place]]] = {
    "concise": read_concise,
    "full": read_full,
    "github": read_github,
    "gitlab": read_gitlab,
    "json": read_json,
    "jsonl": read_jsonl,
    "junit": read_junit,
    "sarif": read_sarif,
}
