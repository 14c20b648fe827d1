"""The Code Quality report of GitLab, by the schema of its documentation."""

import json

import jsonschema

from tests.output.formats.readers import Place, Reader, as_in_the_file

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


def read(text: str) -> list[Place]:
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


READER = Reader(read, as_in_the_file)
