"""What reports for other tools have in common: marks that stay, paths, and no half report."""

import json
import os
from pathlib import Path

import pytest
from junitparser import JUnitXml
from lxml import etree

from tests.cli.run import SOURCE, called, findings, write
from tests.output.formats.readers import NOTEBOOK, reader_of, shown_as
from tests.output.formats.test_junit import SCHEMA
from tests.output.formats.test_sarif import sarif_run


@pytest.mark.parametrize("name", ["sarif", "gitlab", "junit"])
def test_statistics_have_no_place_in_a_report(tmp_path: Path, name: str) -> None:
    done = called("--statistics", "--output-format", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"{name} has no --statistics".encode() in done.stderr


@pytest.mark.parametrize("name", ["sarif", "gitlab"])
def test_places_in_the_file_are_told_in_the_cell_too(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"a.ipynb": NOTEBOOK})
    assert "in cell 2, line 3" in shown_as(name, cwd=tmp_path)


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
            (place,) = reader_of(name).read(shown_as(name, path, cwd=tmp_path))
            assert place.filename == "src/a.py"


@pytest.mark.parametrize("text", ["", SOURCE])
def test_a_run_that_missed_a_file_does_not_look_complete(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a.py": text})
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    paths = ("a.py", "gone.py")
    run = sarif_run(*paths, cwd=tmp_path, rc=2)
    assert run["invocations"] == [{"executionSuccessful": False}]
    assert len(run["results"]) == bool(text)
    report = JUnitXml.fromstring(shown_as("junit", *paths, cwd=tmp_path, rc=2).encode())
    SCHEMA.assertValid(etree.fromstring(report.tostring()))
    assert (report.failures, report.errors) == (bool(text), 1)
    (tmp_path / "gone.py").unlink()
    complete = sarif_run("a.py", cwd=tmp_path, rc=1 if text else 0)
    assert complete["invocations"] == [{"executionSuccessful": True}]


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"\xff\x01.py")).write_text(SOURCE)
    except OSError:
        pytest.skip("the file system takes names in UTF-8 only")
    (result,) = sarif_run(cwd=tmp_path)["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "%FF%01.py"}
    (place,) = reader_of("junit").read(shown_as("junit", cwd=tmp_path))
    assert place.filename == r"\udcff\x01.py"
    assert len(reader_of("gitlab").read(shown_as("gitlab", cwd=tmp_path))) == 1


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
