"""Every output format from the outside: valid by its schema, with the same positions as all."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from junitparser import Error, JUnitXml
from lxml import etree

from einlint.output.format import format_names
from tests.cli.readers import JUNIT, READERS, SARIF, Place, read_gitlab, read_junit
from tests.cli.run import FIXED, SOURCE, called, einlint, findings, write

MANY = """import torch

x = torch.einsum("i,i->", a, b); y = torch.einsum("i,i->", c, d)
z = torch.einsum("ij,jk->il", a, b)
"""
NESTED = "import torch\n\nx = torch.einsum('i,i->', torch.einsum('ij->i', a), b)\n"
WIDE = 'import torch\n\n\u00e9 = "\U0001d518\u00e9"; x = torch.einsum("i,i->", \u00e9, b)\n'
ROWS = 'import torch\n\nx = torch.einsum(\n    "ij,jk->ik",\n    a,\n    b,\n) + 1\n'
BROKEN = "import torch\n\nx = torch.einsum('i', x) 1\n"

CASES: dict[str, tuple[dict[str, str], list[Place]]] = {
    "empty": ({"a.py": "import torch\n"}, []),
    "no file": ({}, []),
    "one": ({"a.py": SOURCE}, [Place("a.py", "EIN105", (5, 12), (5, 49))]),
    "many": (
        {"a.py": MANY, "sub folder/b,%\u00fc.py": SOURCE, "sub folder/c.py": NESTED},
        [
            Place("a.py", "EIN101", (3, 5), (3, 32)),
            Place("a.py", "EIN101", (3, 38), (3, 65)),
            Place("a.py", "EIN003", (4, 5), (4, 36)),
            Place("sub folder/b,%\u00fc.py", "EIN105", (5, 12), (5, 49)),
            Place("sub folder/c.py", "EIN101", (3, 5), (3, 55)),
            Place("sub folder/c.py", "EIN109", (3, 27), (3, 51)),
        ],
    ),
    "syntax error": (
        {"a.py": BROKEN, "b.py": SOURCE},
        [
            Place("a.py", "EIN000", (3, 26), (3, 27)),
            Place("b.py", "EIN105", (5, 12), (5, 49)),
        ],
    ),
    "wide": ({"a.py": WIDE}, [Place("a.py", "EIN101", (3, 15), (3, 42))]),
    "rows": ({"a.py": ROWS}, [Place("a.py", "EIN104", (3, 5), (7, 2))]),
}


def shown_as(name: str, *arguments: str, cwd: Path, rc: int = 1) -> str:
    """Standard output in a format, with colours asked for and a terminal as narrow as they come."""
    environment = {"COLUMNS": "20", "PYTHONUTF8": "1"}
    color = "never" if name in ("full", "concise") else "always"
    done = called(
        *("--output-format", name, "--color", color),
        *arguments,
        cwd=cwd,
        environment=environment,
    )
    assert done.returncode == rc, done.stderr
    return done.stdout.decode()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", format_names())
def test_valid_with_the_right_positions(tmp_path: Path, name: str, case: str) -> None:
    files, expected = CASES[case]
    write(tmp_path, files)
    found = READERS[name](shown_as(name, cwd=tmp_path, rc=1 if expected else 0))
    assert sorted(found) == sorted(map(_as_far_as, expected, found))
    assert len(found) == len(expected)


# In the cell, and in the text of the file.
IN_CELLS = [
    Place("a.ipynb:cell 2", "EIN101", (2, 5), (2, 32)),
    Place("a.ipynb:cell 2", "EIN104", (3, 9), (4, 8)),
    Place("a.ipynb:cell 3", "EIN000", (1, 3), (1, 4)),
]
IN_FILE = [
    Place("a.ipynb", "EIN101", (22, 10), (22, 39)),
    Place("a.ipynb", "EIN104", (23, 14), (24, 13)),
    Place("a.ipynb", "EIN000", (32, 17), (32, 18)),
]


@pytest.mark.parametrize("name", format_names())
def test_places_in_a_notebook(tmp_path: Path, name: str) -> None:
    """Where a format is of the rows of files, they are those of the notebook's JSON."""
    sources = [
        ["import torch\n"],
        [
            "# \u00e9\n",
            'x = torch.einsum("i,i->", a, b)\n',
            'y = 3 * torch.einsum("ij,jk->ik",\n',
            "  a, b)",
        ],
        "x einsum",
    ]
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": each,
        }
        for each in sources
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook, indent=1))
    expected = IN_FILE if name in ("github", "gitlab", "sarif") else IN_CELLS
    if name == "github":  # takes no column on several rows, so that the text's is read: the cell's
        expected = [IN_FILE[0], replace(IN_FILE[1], start=(23, 9)), IN_FILE[2]]
    output = shown_as(name, cwd=tmp_path)
    found = READERS[name](output)
    assert found == list(map(_as_far_as, expected, found))
    if name in ("gitlab", "sarif"):
        assert "in cell 2, row 3" in output
    if name == "full":
        assert '2 | x = torch.einsum("i,i->", a, b)\n  |     ^^^^' in output


def _as_far_as(expected: Place, found: Place) -> Place:
    """The expected place without the parts of the end that the format leaves out."""
    row, column = expected.end
    known_row, known_column = found.end
    end = (row if known_row else None, column if known_column else None)
    return replace(expected, end=end)


@pytest.mark.parametrize("name", ["sarif", "gitlab", "junit"])
def test_statistics_have_no_place_in_a_report(tmp_path: Path, name: str) -> None:
    done = called("--statistics", "--output-format", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"{name} has no place for --statistics".encode() in done.stderr


@pytest.mark.parametrize("name", format_names())
def test_the_source_of_standard_input(tmp_path: Path, name: str) -> None:
    done = einlint(
        *("-", "--stdin-filename", "x.py", "--output-format", name),
        cwd=tmp_path,
        stdin=SOURCE.encode(),
    )
    (place,) = READERS[name](done.stdout.decode())
    assert (place.filename, place.start, done.returncode) == ("x.py", (5, 12), 1)


def sarif_run(*arguments: str, cwd: Path, rc: int = 1) -> dict[str, Any]:
    text = shown_as("sarif", *arguments, cwd=cwd, rc=rc)
    SARIF.validate(json.loads(text))
    (run,) = json.loads(text)["runs"]
    return dict(run)


def test_the_sarif_schema_rejects_what_is_wrong() -> None:
    log: dict[str, Any] = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}
    assert SARIF.is_valid(log)
    log["runs"][0]["columnKind"] = "characters"
    assert not SARIF.is_valid(log)


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
        level = {"enabled": page["default"], "level": page["severity"]}
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


def fingerprints(*arguments: str, cwd: Path) -> list[str]:
    """Those of SARIF and GitLab, which are the same."""
    results = sarif_run(*arguments, cwd=cwd)["results"]
    found = [mark for each in results for mark in each["partialFingerprints"].values()]
    issues = json.loads(shown_as("gitlab", *arguments, cwd=cwd))
    assert [each["fingerprint"] for each in issues] == found
    assert len(set(found)) == len(found) == len(results)
    return found


def test_fingerprints_stay_when_rows_move_and_indices_are_renamed(tmp_path: Path) -> None:
    first, second = "x = torch.einsum('i,i->', a, b)\n", "y = torch.einsum('ij,jk->ik', a, b)\n"
    head = "import torch\n\n"
    write(tmp_path, {"a.py": f"{head}{first}{second}"})
    before = fingerprints(cwd=tmp_path)
    for text in (
        f"{head}# a comment\n\n{first}{second}",
        f"{head}{second}{first}",
        f"{head}if a:\n    {first}    {second.replace('ij,jk->ik', 'ab,bc->ac')}",
    ):
        write(tmp_path, {"a.py": text})
        assert sorted(fingerprints(cwd=tmp_path)) == sorted(before)
    write(tmp_path, {"a.py": f"{head}{first}{first}{second}"})
    assert set(fingerprints(cwd=tmp_path)) > set(before)
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert not set(fingerprints(cwd=tmp_path)) & set(before)


def test_however_a_path_is_given_other_tools_see_the_same_file(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.py": SOURCE})
    expected = fingerprints(cwd=tmp_path)
    for path in ("src", "./src/a.py", str(tmp_path), str(tmp_path / "src" / "a.py")):
        assert fingerprints(path, cwd=tmp_path) == expected
        for name in ("sarif", "gitlab", "junit"):
            (place,) = READERS[name](shown_as(name, path, cwd=tmp_path))
            assert place.filename == "src/a.py"


def test_a_file_outside_of_the_folder_has_an_absolute_uri(tmp_path: Path) -> None:
    write(tmp_path, {"in/x.py": "", "out/a b.py": SOURCE})
    run = sarif_run(str(tmp_path / "out"), cwd=tmp_path / "in")
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == (tmp_path / "out" / "a b.py").as_uri()


@pytest.mark.parametrize("text", ["", SOURCE])
def test_a_run_that_missed_a_file_does_not_look_complete(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a.py": text})
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    paths = ("a.py", "gone.py")
    run = sarif_run(*paths, cwd=tmp_path, rc=2)
    assert run["invocations"] == [{"executionSuccessful": False}]
    assert len(run["results"]) == bool(text)
    report = JUnitXml.fromstring(shown_as("junit", *paths, cwd=tmp_path, rc=2).encode())
    JUNIT.assertValid(etree.fromstring(report.tostring()))
    assert (report.failures, report.errors) == (bool(text), 1)
    (tmp_path / "gone.py").unlink()
    complete = sarif_run("a.py", cwd=tmp_path, rc=1 if text else 0)
    assert complete["invocations"] == [{"executionSuccessful": True}]


def test_a_clean_junit_report_has_one_test_that_passes(tmp_path: Path) -> None:
    report = JUnitXml.fromstring(shown_as("junit", cwd=tmp_path, rc=0).encode())
    (suite,) = report
    (case,) = suite
    assert (suite.tests, suite.failures, suite.errors) == (1, 0, 0)
    assert case.is_passed


@pytest.mark.parametrize("character", ["\x01", "\x1b", "\x7f", "\ufffe"])
def test_characters_that_xml_cannot_hold(tmp_path: Path, character: str) -> None:
    text = f'import torch\n\nx = torch.einsum("i,i->", f("{character}<&]]>"), b)\n'
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    output = shown_as("junit", cwd=tmp_path)
    read_junit(output)
    (suite,) = JUnitXml.fromstring(output.encode())
    (case,) = suite
    (failure,) = case.result
    assert not isinstance(failure, Error)
    spelled = character if character == "\x7f" else repr(character)[1:-1]
    assert f'f("{spelled}<&]]>") @ b' in failure.text


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"\xff\x01.py")).write_text(SOURCE)
    except OSError:
        pytest.skip("the file system takes names in UTF-8 only")
    (result,) = sarif_run(cwd=tmp_path)["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "%FF%01.py"}
    (place,) = read_junit(shown_as("junit", cwd=tmp_path))
    assert place.filename == r"\udcff\x01.py"
    assert len(read_gitlab(shown_as("gitlab", cwd=tmp_path))) == 1


def test_one_text_tells_message_replacement_and_what_it_rests_on(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import torch\n\nx = torch.einsum('i,j->ij', a, b)\n"})
    (finding,) = findings(cwd=tmp_path)
    (issue,) = json.loads(shown_as("gitlab", cwd=tmp_path))
    (result,) = sarif_run(cwd=tmp_path)["results"]
    for text in (issue["description"], result["message"]["text"]):
        assert text.startswith(finding["message"])
        assert finding["fix"]["message"] in text
        assert "(`no-autocast`)" in text
    assert "\n" not in issue["description"]
    assert result["fixes"][0]["properties"] == {"applicability": "unsafe"}
