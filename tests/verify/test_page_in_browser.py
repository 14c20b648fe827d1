"""The HTML report in a real browser: no errors, no scrolling sideways, dark, printed, sorted.

The screenshots are kept in the folder that EINLINT_ARTEFACTS names.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from einlint.verify.compared import Change, Compared, ComparedCase
from einlint.verify.formats.html import FORMAT
from einlint.verify.report import CandidateResult, Speedup, Spread, Verdict, VerifyReport
from einlint.verify.timing import Clock
from tests.verify.browser import BACKGROUND, SCROLLED, Browser, browser, chromium, faintest
from tests.verify.test_page import RIGHT, a_report, side, timed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no chromium or google-chrome is on PATH"),
]

CONTRAST = faintest(
    '[...document.querySelectorAll("h1, p, td, th, svg text, dd, .faster, .wrong")]'
)


def a_busy_report() -> VerifyReport:
    """With everything that a page can show."""
    candidates = (
        CandidateResult(
            "torch.mul(a, b)", Verdict.SLOWER, RIGHT, Speedup(0.5, 0.4, 0.6), side(2e-5, 1)
        ),
        CandidateResult(
            "a * b[:, None]", Verdict.FASTER, RIGHT, Speedup(3, 2.9, 3.1), side(3e-6, 1)
        ),
        CandidateResult("a @ b", Verdict.WRONG, note="another shape"),
    )
    first = replace(
        timed(8, 12.0),
        original=replace(side(9e-5, 5), cpu_seconds=Spread(6e-5, 1e-6, 6e-5)),
        replacement=replace(side(3e-6, 2), cpu_seconds=Spread(5e-6, 1e-6, 5e-6)),
        clock=Clock.CPU,
        wall_speedup=Speedup(30, 20, 44),
        candidates=candidates,
    )
    others = (timed(number, ratio) for number, ratio in ((2, 1.5), (3, 0.5)))
    report = a_report(first, *others)
    command = f"einlint verify --threads 1 {'a-long-folder/' * 20}a.py"
    environment = (
        *(("version", "1.2.3"), ("command", command), ("date", "2026-11-28T17:00:00+00:00")),
        *(("busy", 0.48), ("seconds", 20.0), ("timed_seconds", 16.0), ("threads", 1)),
        *(("torch", "2"), ("device", "cpu"), ("device_name", "a CPU")),
    )
    cases = (
        ComparedCase("i,j->ij i=8 float32", Change.SLOWER, Verdict.FASTER, Verdict.SLOWER),
        ComparedCase("i,j->ij i=9 float32", Change.NEW, None, Verdict.SAME),
    )
    compared = Compared("old.json", "2026-11-01T09:00:00+00:00", cases)
    return replace(report, environment=environment, compared=compared)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("browser")
    file = folder / "page.html"
    file.write_text(FORMAT.render(a_busy_report()), encoding="utf-8")
    with browser(folder / "profile") as found:
        found.open(file)
        yield found


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("width", [400, 1200])
def test_it_fits_and_can_be_read(page: Browser, artefacts: Path, width: int, is_dark: bool) -> None:
    page.show(width, is_dark=is_dark)
    assert page.value("innerWidth") == width
    assert page.value(SCROLLED) == 0
    assert page.value(BACKGROUND) == ("rgb(22, 25, 28)" if is_dark else "rgb(255, 255, 255)")
    assert page.value(CONTRAST) >= 4.5
    name = f"verify-{width}-{'dark' if is_dark else 'light'}.png"
    page.screenshot(artefacts / name)
    assert (artefacts / name).stat().st_size > 10_000
    assert page.complaints == []


def test_on_paper_it_is_light_and_nothing_is_cut_off(page: Browser) -> None:
    page.show(720, is_dark=True, media="print")
    assert page.value(SCROLLED) == 0
    assert page.value(BACKGROUND) == "rgb(255, 255, 255)"
    assert page.value("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"


def test_a_click_sorts_the_rows(page: Browser) -> None:
    page.show(1200)
    page.value("document.querySelectorAll('.sortable thead button')[3].click()")
    cells = (
        "[...document.querySelectorAll('.sortable tbody tr')].map(row => row.cells[3].textContent)"
    )
    assert page.value(cells)[:3] == ["12.00", "1.50", "0.50"]
    heading = "document.querySelectorAll('.sortable thead th')[3].ariaSort"
    assert page.value(heading) == "descending"
    assert page.complaints == []


def test_an_error_on_the_page_is_seen(tmp_path: Path) -> None:
    """The complaints above are empty because there are none."""
    file = tmp_path / "page.html"
    file.write_text("<script>console.error('one'); undefined_name()</script>")
    with browser(tmp_path / "profile") as found:
        found.open(file)
        assert len(found.complaints) == 2
