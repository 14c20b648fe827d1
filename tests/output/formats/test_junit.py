"""JUnit XML, by its schema and by a reader of others."""

from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from lxml import etree

from tests.cli.run import called
from tests.conftest import ROOT
from tests.output.formats.readers import Place, Reader, shown_as

SCHEMA = etree.XMLSchema(etree.parse(ROOT / "fixtures" / "schemas" / "junit-10.xsd"))


def read(text: str) -> list[Place]:
    root = etree.fromstring(text.encode())
    SCHEMA.assertValid(root)
    report = JUnitXml.fromstring(text.encode())
    counted = (report.tests, report.failures, report.errors)
    skipped = [suite.skipped for suite in report]
    report.update_statistics()
    assert (report.tests, report.failures, report.errors) == counted
    assert [suite.skipped for suite in report] == skipped
    assert report.tests > 0, "readers take a report without a test for a broken one"
    places = []
    for suite in report:
        for case in suite:
            for result in case.result:
                assert isinstance(result, (Failure, Skipped))
                assert suite.name == case.classname
                code, place = case.name.split(" at ")
                *cell, row, column = place.split(":")
                name = ":".join([suite.name, *cell])
                places.append(Place(name, code, (int(row), int(column))))
                assert result.text.startswith(f"{name}:{row}:{column}: {code} ")
                assert result.message in result.text
    return places


READER = Reader(read)


def test_a_clean_report_has_one_test_that_passes(tmp_path: Path) -> None:
    report = JUnitXml.fromstring(shown_as("junit", cwd=tmp_path, rc=0).encode())
    (suite,) = report
    (case,) = suite
    assert (suite.tests, suite.failures, suite.errors) == (1, 0, 0)
    assert case.is_passed


ATTENTION = """import torch


def attention(q, k, v):
    scores = torch.einsum("bhqd,bhkd->bhqk", q, k)
    weights = torch.softmax(scores / 64**0.5, dim=-1)
    return torch.einsum("bhqk,bhkd->bhqd", weights, v)
"""


@pytest.mark.parametrize(
    ("options", "rc", "outcome"),
    [((), 0, Skipped), (("--select", "EIN2"), 1, Failure), (("--pedantic",), 1, Failure)],
)
def test_a_test_fails_where_the_exit_code_says_so(
    tmp_path: Path, options: tuple[str, ...], rc: int, outcome: type
) -> None:
    (tmp_path / "a.py").write_text(ATTENTION)
    done = called("--output-format", "junit", *options, cwd=tmp_path)
    assert done.returncode == rc
    text = done.stdout.decode()
    assert [each.code for each in read(text)] == ["EIN202"]
    (suite,) = JUnitXml.fromstring(text.encode())
    (case,) = suite
    assert [type(each) for each in case.result] == [outcome]


@pytest.mark.parametrize("character", ["\x01", "\x1b", "\x7f", "\ufffe"])
def test_characters_that_xml_cannot_hold(tmp_path: Path, character: str) -> None:
    text = f'import torch\n\nx = torch.einsum("i,i->", f("{character}<&]]>"), b)\n'
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    output = shown_as("junit", cwd=tmp_path)
    read(output)
    (suite,) = JUnitXml.fromstring(output.encode())
    (case,) = suite
    (failure,) = case.result
    assert not isinstance(failure, Error)
    spelled = character if character == "\x7f" else repr(character)[1:-1]
    assert f'f("{spelled}<&]]>") @ b' in failure.text
