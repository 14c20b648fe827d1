"""The site of the docs: built without a warning, loads nothing from outside, fits every screen."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from einlint.rulebook.selection import all_rules
from tests.cli.run import LONGEST, called
from tests.conftest import ROOT
from tests.verify.browser import BACKGROUND, Browser, browser, chromium

DOCS = ROOT / "docs"
SHOWN = ("index", "tutorial/einsum", "how-to/pre-commit", "rules/index", "reference/options")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; every warning of Sphinx, such as a link to nowhere, fails the build."""
    place = tmp_path_factory.mktemp("site")
    command = (sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", DOCS, place)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST)
    assert done.returncode == 0, done.stderr
    return place


def test_every_rule_has_the_page_that_einlint_rule_prints(site: Path, tmp_path: Path) -> None:
    for rule in all_rules():
        assert (site / "rules" / f"{rule.code}.html").exists()
        printed = called("rule", rule.code, cwd=tmp_path).stdout.decode()
        assert (DOCS / "rules" / f"{rule.code}.md").read_text() == printed


def test_every_setting_and_option_is_there(site: Path) -> None:
    settings = (site / "reference" / "settings.html").read_text()
    assert 'id="docs-url"' in settings
    assert 'id="select"' in settings
    options = (site / "reference" / "options.html").read_text()
    assert "--unsafe-fixes" in options
    assert "--min-speedup" in options


def test_nothing_is_loaded_from_outside(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        loaded = re.findall(
            r'<(?:script|img|link|source|iframe)\b[^>]*?(?:src|href)="(.*?)"', page.read_text()
        )
        assert not [each for each in loaded if re.match(r"(\w+:)?//", each)], page
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", style.read_text()), style


def test_a_planted_link_to_nowhere_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text('extensions = ["myst_parser"]\nmyst_heading_anchors = 3\n')
    (tmp_path / "index.md").write_text("# A\n\n[b](b.md) [c](#c)\n")
    command = (sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", tmp_path, tmp_path / "o")
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST)
    assert done.returncode == 1
    assert "'b.md'" in done.stderr
    assert "'c'" in done.stderr


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("no Chromium")
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.mark.browser
@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_a_page_fits_and_its_console_is_silent(
    site: Path, page: Browser, artefacts: Path, name: str, width: int, is_dark: bool
) -> None:
    page.complaints.clear()
    page.show(width, is_dark=is_dark)
    page.open(site / f"{name}.html")
    assert page.value("document.documentElement.scrollWidth") <= width
    assert page.value(BACKGROUND) in ("rgb(19, 20, 22)" if is_dark else "rgb(255, 255, 255)")
    assert not page.complaints
    scheme = "dark" if is_dark else "light"
    page.screenshot(artefacts / f"docs-{name.replace('/', '-')}-{width}-{scheme}.png")


@pytest.mark.browser
def test_the_search_works_without_a_server(site: Path, page: Browser) -> None:
    page.show(1400)
    page.open(site / "search.html")
    page.do("Page.navigate", url=f"{(site / 'search.html').as_uri()}?q=baseline")
    found = "document.querySelectorAll('#search-results li a').length"
    for _ in range(10_000):
        if page.value(found):
            break
    assert page.value(found) > 0
