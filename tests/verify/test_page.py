"""The HTML report: whole, by itself, escaped, and its rows can be sorted."""

from dataclasses import replace
from importlib.resources import files
from typing import Any

import html5lib
import pytest

from einlint.verify.case import Case, Mode, Site
from einlint.verify.formats.html import FORMAT
from einlint.verify.report import (
    Comparison,
    Measurement,
    Result,
    RewriteResult,
    Skipped,
    Speedup,
    Spread,
    Verdict,
    VerifyReport,
)

NOT_RUN = "not run: the budget was spent"
RIGHT = Comparison(1e-6, 1e-6, same_shape=True, same_dtype=True, same_strides=True)


def side(seconds: float, count: int) -> Measurement:
    return Measurement(Spread(seconds, 1e-8, seconds), count * 256, count, None)


def timed(size: int, ratio: float, verdict: Verdict = Verdict.FASTER) -> Result:
    case = Case((("i", size), ("j", 8)), "float32", "cpu", Mode.FORWARD)
    speedup = Speedup(ratio, ratio * 0.9, ratio * 1.1)
    return Result(case, verdict, RIGHT, speedup, side(ratio * 1e-5, 5), side(1e-5, 2))


def a_report(*results: Result, name: str = "a.py") -> VerifyReport:
    wrong = Case((("i", 3), ("j", 4)), "int8", "cpu", Mode.FORWARD)
    unsure = Case((("i", 5), ("j", 4)), "int8", "cpu", Mode.FORWARD)
    others = (
        Result(wrong, Verdict.WRONG, RIGHT, note="<script>alert(1)</script> & other values"),
        Result(unsure, Verdict.UNSURE, note="out of memory"),
    )
    left = (Case((("i", 9), ("j", 9)), "float64", "cpu", Mode.BACKWARD),)
    rewrite = RewriteResult(
        "i,j->ij",
        "torch.einsum('i,j->ij', a, b)",
        "a < b & c",
        (Site(name, 3),),
        (*results, *others),
        left,
    )
    return VerifyReport(
        (("torch", "2"), ("load", None)), (rewrite,), (Skipped(Site(name, 9), "<b>"),)
    )


def parsed(text: str) -> Any:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(text)


@pytest.mark.parametrize("count", [0, 1, 60])
def test_all_cases_are_there(count: int) -> None:
    text = FORMAT.render(a_report(*(timed(n + 1, 0.5 + n / 20) for n in range(count))))
    page = parsed(text)
    rows = page.findall(".//tbody/tr")
    assert len(rows) == count + 3
    assert [row[2].text for row in rows[-3:]] == ["wrong", "unsure", NOT_RUN]
    assert len(page.findall(".//figure")) == -(-count // 24)
    ids = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert all(heading.get("scope") == "col" for heading in page.findall(".//thead/tr/th"))


def test_nothing_is_loaded_and_everything_is_escaped() -> None:
    text = FORMAT.render(a_report(timed(8, 2.0), name="ä<i>\udcff.py"))
    assert "://" not in text
    assert "ä&lt;i&gt;\\udcff.py:3" in text
    page = parsed(text)
    assert len(page.findall(".//script")) == 1
    assert all(value.startswith("#") for each in page.iter() for value in [each.get("href") or "#"])
    assert all(each.get("aria-label") for each in page.iter() if each.get("role") == "img")


def test_nothing_to_verify() -> None:
    assert "Nothing to verify" in FORMAT.render(VerifyReport((), ()))


def test_its_files_are_in_the_package() -> None:
    names = {each.name for each in files("einlint.verify.page").iterdir()}
    assert names >= {"page.html.jinja", "sort.js"}


def test_no_two_labels_of_the_pictures_are_equal() -> None:
    """They were for sizes that differ only behind the 40th character, and for two rewrites."""
    sizes = tuple((label, 1000) for label in "abcdefgh")
    results = [
        replace(timed(8, 2.0), case=replace(timed(8, 2.0).case, sizes=(*sizes, ("z", last))))
        for last in (1, 2)
    ]
    report = a_report(*results)
    other = replace(report.results[0], replacement="torch.outer(a, b)", cases=tuple(results))
    text = FORMAT.render(replace(report, results=(*report.results, other)))
    (picture,) = parsed(text).findall(".//figure")
    labels = [each for each in picture.itertext() if "i,j->ij" in each]
    assert len(labels) == len(set(labels)) == 4
    assert any("torch.outer(a, b)" in each for each in picture.itertext())
