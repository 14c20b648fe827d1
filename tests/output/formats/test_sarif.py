"""SARIF, by its schema: places, fixes, rules and their pages."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema

from tests.cli.run import FIXED, SOURCE, called, write
from tests.conftest import ROOT
from tests.output.formats.readers import Place, Reader, as_in_the_file, shown_as

LEVELS = {"error": "error", "warning": "warning", "info": "note"}
SCHEMA = jsonschema.Draft4Validator(
    json.loads(
        (ROOT / "fixtures" / "schemas" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
    )
)


def read(text: str) -> list[Place]:
    log = json.loads(text)
    SCHEMA.validate(log)
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


READER = Reader(read, as_in_the_file)


def sarif_run(*arguments: str, cwd: Path, rc: int = 1) -> dict[str, Any]:
    text = shown_as("sarif", *arguments, cwd=cwd, rc=rc)
    SCHEMA.validate(json.loads(text))
    (run,) = json.loads(text)["runs"]
    return dict(run)


def test_the_sarif_schema_rejects_what_is_wrong() -> None:
    log: dict[str, Any] = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}
    assert SCHEMA.is_valid(log)
    log["runs"][0]["columnKind"] = "characters"
    assert not SCHEMA.is_valid(log)


def test_sarif_fixes_applied_alone_give_the_fixed_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    (result,) = sarif_run(cwd=tmp_path)["results"]
    (fix,) = result["fixes"]
    assert fix["properties"] == {"applicability": "safe"}
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "a.py"}
    (replacement,) = change["replacements"]
    region = replacement["deletedRegion"]
    rows = SOURCE.splitlines(keepends=True)
    assert region["startLine"] == region["endLine"]
    row = rows[region["startLine"] - 1]
    before, behind = row[: region["startColumn"] - 1], row[region["endColumn"] - 1 :]
    rows[region["startLine"] - 1] = before + replacement["insertedContent"]["text"] + behind
    assert "".join(rows) == FIXED


def test_sarif_has_no_fix_where_no_text_can_be_written(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import torch\n\nx = torch.einsum('i,i->', *operands)\n"})
    (result,) = sarif_run("--select", "EIN101", cwd=tmp_path)["results"]
    assert "fixes" not in result
    assert "Write it as `" in result["message"]["text"]


def test_sarif_rules_are_all_rules_with_their_pages(tmp_path: Path) -> None:
    driver = sarif_run(cwd=tmp_path, rc=0)["tool"]["driver"]
    version = called("--version", cwd=tmp_path).stdout.decode()
    assert version == f"{driver['name']}, version {driver['version']}\n"
    pages = json.loads(called("rule", "--all", "--output-format", "json", cwd=tmp_path).stdout)
    assert len(driver["rules"]) == len(pages)
    for rule, page in zip(driver["rules"], pages, strict=True):
        assert (rule["id"], rule["name"]) == (page["code"], page["name"])
        assert literal(rule["shortDescription"]["text"]) == page["summary"]
        assert literal(rule["help"]["markdown"]) in page["page"]
        level = {"enabled": page["default"], "level": LEVELS[page["severity"]]}
        assert rule["defaultConfiguration"] == level


def literal(text: str) -> str:
    """A SARIF message as a reader shows it; single braces would be places for arguments."""
    assert not re.search(r"(?<!{){(?!{)|(?<!})}(?!})", text)
    return text.replace("{{", "{").replace("}}", "}")


def test_braces_of_the_source_are_no_placeholders_in_sarif(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import torch\n\nx = torch.einsum('i,i->', {0: a}[0], b)\n"})
    (result,) = sarif_run(cwd=tmp_path)["results"]
    assert "`{0: a}[0] @ b`" in literal(result["message"]["text"])
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "{0: a}[0] @ b"}


def test_a_file_outside_of_the_folder_has_an_absolute_uri(tmp_path: Path) -> None:
    write(tmp_path, {"in/x.py": "", "out/a b.py": SOURCE})
    run = sarif_run(str(tmp_path / "out"), cwd=tmp_path / "in")
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == (tmp_path / "out" / "a b.py").as_uri()
