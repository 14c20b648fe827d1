"""The pages of check and explain in a real browser: they fit, can be read, and need nothing.

The screenshots are kept in the folder that EINLINT_ARTEFACTS names; those of the documentation
are made so.
"""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.run import called, write
from tests.conftest import ROOT
from tests.verify.browser import BACKGROUND, SCROLLED, Browser, browser, chromium, faintest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no chromium or google-chrome is on PATH"),
]

# Every text against what is behind it; in pictures that is their paper.
CONTRAST = faintest(
    '[...document.querySelectorAll("h1, h2, h3, p, a, td, th, li, pre, ins, del, span, text")]',
    "backed(text)",
)
# The texts of pictures that reach beyond them.
CUT_OFF = """[...document.querySelectorAll("svg.einsum text")].filter(text => {
  const inside = text.getBoundingClientRect();
  const whole = text.closest("svg").getBoundingClientRect();
  return inside.left < whole.left || inside.right > whole.right + 0.5
    || inside.top < whole.top || inside.bottom > whole.bottom; }).map(text => text.textContent)"""
EXAMPLES = (
    *("bhqd,bhkd->bhqk", "bnsk,bnsh->bnsh", "bi,oij,bj->bo", "ii->i", "abcde,cdfg,egha->bfh"),
    *("...ij,...jk->...ik", "ab,bc,cd,de,ef,fg,gh->ah", "ij,jk"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("browser")
    write(found, {"attention.py": (ROOT / "fixtures" / "pages" / "attention.py").read_text()})
    options = ("--extend-select", "EIN005", "--output-format", "html", "-o", "check.html")
    assert called(*options, "attention.py", cwd=found).returncode == 1
    sizes = ("--size", "b=1048576,h=8")
    for name, equation, more in (("all", EXAMPLES[0], sizes), ("one", EXAMPLES[1], ())):
        page = called("explain", equation, "--format", "html", *more, cwd=found).stdout
        (found / f"{name}.html").write_bytes(page)
    pictures = (called("explain", each, "--format", "svg", cwd=found).stdout for each in EXAMPLES)
    (found / "pictures.html").write_bytes(b"<!DOCTYPE html><title>all</title>" + b"".join(pictures))
    return found


@pytest.fixture(scope="module")
def page(folder: Path) -> Iterator[Browser]:
    with browser(folder / "profile") as found:
        yield found


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("name", ["check", "all"])
def test_it_fits_and_can_be_read(
    page: Browser, folder: Path, artefacts: Path, name: str, width: int, is_dark: bool
) -> None:
    page.show(width, is_dark=is_dark)
    page.open(folder / f"{name}.html")
    assert page.value(SCROLLED) == 0
    assert page.value(BACKGROUND) == ("rgb(22, 25, 28)" if is_dark else "rgb(255, 255, 255)")
    assert page.value(CONTRAST) >= 4.5
    assert page.value(CUT_OFF) == []
    shot = artefacts / f"{name}-{width}-{'dark' if is_dark else 'light'}.png"
    page.screenshot(shot)
    assert shot.stat().st_size > 10_000
    assert page.complaints == []


def test_on_paper_it_is_light_and_nothing_is_cut_off(page: Browser, folder: Path) -> None:
    page.open(folder / "check.html")
    page.show(720, is_dark=True, media="print")
    assert page.value(SCROLLED) == 0
    assert page.value(BACKGROUND) == "rgb(255, 255, 255)"
    for each in ("pre", ".scroll", "figure"):
        shown = page.value(f"getComputedStyle(document.querySelector('{each}')).overflowX")
        assert shown == "visible"
    ink = "getComputedStyle(document.querySelector('svg.einsum text')).fill"
    assert page.value(ink) == "rgb(87, 96, 106)"


def test_the_texts_of_pictures_fit_into_them(page: Browser, folder: Path) -> None:
    """The widths of texts are computed without a font."""
    page.show(1400)
    page.open(folder / "pictures.html")
    assert page.value("document.querySelectorAll('svg.einsum').length") == len(EXAMPLES)
    assert page.value(CUT_OFF) == []


@pytest.mark.parametrize(("width", "is_dark"), [(1400, False), (400, True)])
def test_the_first_screen_for_the_documentation(
    page: Browser, folder: Path, artefacts: Path, width: int, is_dark: bool
) -> None:
    page.show(width, is_dark=is_dark)
    page.open(folder / "check.html")
    shot = base64.b64decode(page.do("Page.captureScreenshot")["data"])
    (artefacts / f"first-screen-{width}.png").write_bytes(shot)
    assert shot.startswith(b"\x89PNG")
    card = "document.querySelector('.cards').getBoundingClientRect().top"
    assert page.value(card) < 900, "a picture is on it"


def test_a_link_leads_to_its_finding(page: Browser, folder: Path) -> None:
    page.show(1400)
    page.open(folder / "check.html")
    page.value("document.querySelector('.places a').click()")
    assert page.value("location.hash") == "#finding" + page.value(
        "document.querySelector('article:target').id.replace('finding', '')"
    )
    assert page.complaints == []
