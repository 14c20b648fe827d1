"""JUnit XML: a test suite for every file with findings, and a test for every finding.

A finding that makes the exit code 1 is a failed test. Any other one is a skipped test, so that CI
is not red where the exit code is 0.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from einlint.diagnostics import Diagnostic
from einlint.output.format import Format, Report
from einlint.output.paint import Paint
from einlint.output.paths import portable_path
from einlint.output.plain import describe

# Characters that XML 1.0 cannot contain even as escapes, and line ends that readers change.
_UNSPEAKABLE: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a CI system obeys in a log: `::` at the start of a line, `##vso[` anywhere.
_COMMAND: Final = re.compile(r"\n(?=\s*::)|#(?=#\w*\[)")
_RUN: Final = "einlint"


def render(report: Report, paint: Paint) -> str:
    """One document; without findings it has one test, which passes."""
    suites = list(_suites(report))
    root = Element("testsuites", {"name": _RUN, **_totals(suites)})
    root.extend(suites)
    ElementTree.indent(root)
    # ASCII: the encoding of a terminal cannot damage it.
    document: bytes = ElementTree.tostring(root, "us-ascii", xml_declaration=True)
    return _COMMAND.sub(lambda found: f"&#{ord(found[0])};", document.decode("ascii")) + "\n"


def _suites(report: Report) -> Iterator[Element]:
    for filename, found in groupby(report.diagnostics, key=lambda each: each.filename):
        name = _speakable(portable_path(filename, report.root))
        yield _suite(name, [_case(each, name, report) for each in found])
    if report.is_partial:
        yield _suite(_RUN, [_not_run()])
    elif not report.diagnostics:
        yield _suite(_RUN, [Element("testcase", name="no findings", classname=_RUN)])


def _suite(name: str, cases: list[Element]) -> Element:
    skipped = sum(case.find("skipped") is not None for case in cases)
    suite = Element("testsuite", {"name": name, **_totals(cases), "skipped": str(skipped)})
    suite.extend(cases)
    return suite


def _totals(elements: list[Element]) -> dict[str, str]:
    """The number of tests, failures and errors in test cases, or in suites of them."""
    tags = {"tests": "testcase", "failures": "failure", "errors": "error"}
    return {
        name: str(sum(1 for each in elements for _ in each.iter(tag))) for name, tag in tags.items()
    }


def _case(diagnostic: Diagnostic, path: str, report: Report) -> Element:
    found = report.place(diagnostic)
    cell = "" if found.cell is None else f"cell {found.cell}:"
    place = f"{cell}{found.start.row}:{found.start.column}"
    case = Element("testcase", name=f"{diagnostic.code} at {place}", classname=path)
    message = _speakable(diagnostic.message)
    outcome = "failure" if report.stopping.counts(diagnostic) else "skipped"
    told = SubElement(case, outcome, type=diagnostic.severity.value, message=message)
    told.text = f"{path}:{place}: {diagnostic.code} {_speakable(describe(diagnostic, found))}"
    return case


def _not_run() -> Element:
    """An error for a run that could not check all files: it must not look as if it passed."""
    case = Element("testcase", name="every file is checked", classname=_RUN)
    SubElement(case, "error", type="error", message="some files were not; standard error has them")
    return case


def _speakable(text: str) -> str:
    """The text with Python escapes for the characters that XML cannot contain."""
    return _UNSPEAKABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


FORMAT = Format(render, has_statistics=False)
