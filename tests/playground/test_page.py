"""The playground in a real browser, served as a static server does; skipped without Pyodide.

`npm ci --prefix playground` brings Pyodide. Screenshots are kept where EINLINT_ARTEFACTS says.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli.run import FIXED, LONGEST, SOURCE
from tests.conftest import ROOT
from tests.playground.built import loaded
from tests.playground.served import Served, served
from tests.verify.browser import BACKGROUND, SCROLLED, Browser, browser, chromium, faintest

BUILD = loaded("build")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no chromium or google-chrome is on PATH"),
    pytest.mark.skipif(not BUILD.installed(), reason="Pyodide is not installed in playground/"),
]

HEADLINE = "(document.querySelector('#equation-headline .headline')?.textContent ?? '')"
SUMMARY = "document.getElementById('code-summary').textContent"
# The faintest text of the page against its background; what is stale is faint on purpose.
CONTRAST = faintest(
    '[...document.querySelectorAll("h1, h2, p, td, th, dt, dd, li, del, ins, svg text")]'
    ".filter(text => text.checkVisibility() && text.textContent.trim())"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("playground") / "site"
    BUILD.build(folder)
    with served(folder) as found:
        yield found


@pytest.fixture(scope="module")
def started(server: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Loaded once: Python takes seconds to start."""
    with browser(tmp_path_factory.mktemp("browser") / "profile") as found:
        found.show(1100)
        found.do("Page.navigate", url=server.address)
        until(found, "document.getElementById('status')?.className === 'loading'")
        until(found, "document.getElementById('status').textContent === 'Ready.'", LONGEST)
        yield found
        assert found.complaints == []


@pytest.fixture
def page(started: Browser) -> Browser:
    started.show(1100)
    return started


def until(page: Browser, script: str, seconds: float = 20) -> None:
    """Wait until a script returns something true."""
    end = time.monotonic() + seconds
    while not page.value(f"Boolean({script})"):
        assert time.monotonic() < end, f"{script}: {page.value('document.body.innerText')}"
        time.sleep(0.02)


def go(page: Browser, fragment: str) -> None:
    """Follow a link to what the page shows."""
    page.value(f"location.hash = {json.dumps(fragment)}")


def code(text: str) -> str:
    return f"code={quote(text)}"


def click(page: Browser, selector: str) -> None:
    page.value(f"document.querySelector({json.dumps(selector)}).click()")


def press(page: Browser, key: str) -> None:
    codes = {"ArrowRight": 39, "Enter": 13, "Tab": 9}
    text = {"text": "\r"} if key == "Enter" else {}
    page.do(
        "Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=codes[key], **text
    )
    page.do("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=codes[key])


def test_an_equation_is_typed_and_its_cost_follows_the_sizes(page: Browser) -> None:
    go(page, "equation=ij,jk->ik")
    until(page, f"{HEADLINE}.startsWith('ij,jk->ik is a matrix product')")
    page.value("document.getElementById('equation-text').select()")
    page.do("Input.insertText", text="bij,bjk->bik")
    until(page, f"{HEADLINE}.startsWith('bij,bjk->bik is a batched matrix product')")
    assert page.value("document.getElementById('replacement').textContent") == "torch.bmm(a, b)"
    assert "j: contracted" in page.value("document.querySelector('figure svg').ariaLabel")
    flops = "document.querySelector('#cost dd').textContent"
    assert page.value(flops) == f"{2 * 8 * 64**3:,}"
    page.value("document.getElementById('slide-j').focus()")
    press(page, "ArrowRight")
    until(page, f"{flops} === '{2 * 8 * 64 * 64 * 96:,}'")
    assert page.value("document.activeElement.id") == "slide-j", "the slider stays where it is"
    assert "sizes=b%3D8%2Ci%3D64%2Cj%3D96%2Ck%3D64" in page.value("location.hash")


def test_a_mistyped_index_is_asked_about(page: Browser) -> None:
    go(page, "equation=bnsk,bnsh->bnsh")
    until(page, "document.querySelector('.question')?.textContent.includes('EIN005')")


def test_an_error_of_the_user_is_shown_as_such(page: Browser) -> None:
    go(page, "equation=ij,jk->iz")
    until(page, "document.getElementById('equation-error').textContent.includes('index z')")
    mark = page.value("document.querySelector('#equation-error pre').textContent")
    assert mark == "ij,jk->iz\n        ^"
    assert page.value("document.getElementById('equation-text').ariaInvalid") == "true"
    go(page, "equation=ij,jk->ik")
    until(page, "document.getElementById('equation-error').textContent === ''")


def test_a_fix_is_applied_and_undone(page: Browser) -> None:
    go(page, code(SOURCE))
    until(page, f"{SUMMARY} === '1 einsum call, 1 finding.'")
    assert "EIN105" in page.value("document.querySelector('article').textContent")
    click(page, "article .place")
    chosen = "(({value, selectionStart: a, selectionEnd: b}) => value.slice(a, b))"
    text = page.value(f"{chosen}(document.getElementById('code-text'))")
    assert text == 'torch.einsum("bhqd,bhkd->bhqk", q, k)'
    click(page, "article .apply")
    until(page, f"{SUMMARY} === 'This text holds no einsum.'")
    assert page.value("document.getElementById('code-text').value") == FIXED
    click(page, "#undo")
    until(page, f"{SUMMARY} === '1 einsum call, 1 finding.'")
    click(page, "#fix-all")
    until(page, f"document.getElementById('code-text').value === {json.dumps(FIXED)}")
    assert page.value("new URLSearchParams(location.hash.slice(1)).get('code')") == FIXED


def test_a_finding_leads_to_its_equation(page: Browser) -> None:
    go(page, code(SOURCE))
    until(page, "document.querySelector('article .explain')")
    click(page, "article .explain")
    until(page, f"{HEADLINE}.startsWith('bhqd,bhkd->bhqk is')")
    assert page.value("document.getElementById('code').hidden")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n", "This text holds no einsum."),
        ("y = einsum('i,i->', a, b)\n", "is it imported (import torch)?"),
        ("import torch\ntorch.einsum(e, a)\n", "No einsum call that can be judged:"),
    ],
    ids=["none", "not imported", "not literal"],
)
def test_it_is_said_when_a_text_holds_no_einsum(page: Browser, text: str, said: str) -> None:
    go(page, code(text))
    until(page, f"{SUMMARY}.includes({json.dumps(said)})")


def test_the_tabs_are_reached_by_keys(page: Browser) -> None:
    go(page, "equation=ij,jk->ik")
    until(page, f"{HEADLINE}.startsWith('ij,jk')")
    page.value("document.getElementById('equation-tab').focus()")
    press(page, "ArrowRight")
    until(page, "document.activeElement.id === 'code-tab'")
    assert not page.value("document.getElementById('code').hidden")


def test_a_fix_is_reached_and_applied_by_keys(page: Browser) -> None:
    go(page, code(SOURCE))
    until(page, f"{SUMMARY} === '1 einsum call, 1 finding.'")
    page.value("document.getElementById('code-text').focus()")
    for _ in range(10):
        press(page, "Tab")
        if page.value("document.activeElement.className") == "apply":
            break
    press(page, "Enter")
    until(page, f"document.getElementById('code-text').value === {json.dumps(FIXED)}")
    assert page.value("document.activeElement.id") == "code-summary"


def test_what_is_hostile_stays_text(page: Browser) -> None:
    hostile = "import torch\ntorch.einsum('<img src=x onerror=alert(1)>', a)  # </pre><b>\n"
    go(page, code(hostile))
    until(page, "document.querySelector('article')?.textContent.includes('<img')")
    assert page.value("document.querySelectorAll('article img, article b').length") == 0


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("width", [400, 1100])
@pytest.mark.parametrize("tab", ["equation", "code"])
def test_it_fits_and_can_be_read(
    page: Browser, artefacts: Path, width: int, is_dark: bool, tab: str
) -> None:
    page.show(width, is_dark=is_dark)
    if tab == "equation":
        go(page, "equation=bnsk,bnsh->bnsh")
        until(page, f"{HEADLINE}.startsWith('bnsk')")
    else:
        go(page, code(SOURCE))
        until(page, f"{SUMMARY}.startsWith('1 einsum call')")
    assert page.value(SCROLLED) == 0
    assert page.value(BACKGROUND) == ("rgb(22, 25, 28)" if is_dark else "rgb(255, 255, 255)")
    assert page.value(CONTRAST) >= 4.5
    page.do("Emulation.setScrollbarsHidden", hidden=True)  # else they cut the picture
    page.screenshot(artefacts / f"playground-{tab}-{width}-{'dark' if is_dark else 'light'}.png")
    page.do("Emulation.setScrollbarsHidden", hidden=False)


def test_only_its_own_files_are_loaded(page: Browser, server: Served) -> None:
    """The policy holds in the worker too: it may not ask another server, even on this machine."""
    assert {f"/pyodide/{each}" for each in BUILD.RUN_BY_PAGE} < set(server.asked)
    with served(ROOT / "playground" / "page") as other:
        script = f"fetch('{other.address}').catch(error => postMessage(String(error)))"
        page.value(
            "window.blocked = ''; const probe = new Worker(URL.createObjectURL("
            f"new Blob([{json.dumps(script)}]))); probe.onmessage = e => window.blocked = e.data"
        )
        until(page, "window.blocked.includes('Failed to fetch')")
        assert other.asked == []
    refusals = [str(each) for each in page.complaints]
    page.complaints.clear()
    assert all("Content Security Policy" in each for each in refusals)


def test_it_is_said_when_python_cannot_be_loaded(tmp_path: Path) -> None:
    with served(ROOT / "playground" / "page") as bare, browser(tmp_path / "profile") as page:
        page.do("Page.navigate", url=bare.address)
        until(page, "document.getElementById('status')?.className === 'error'")
        assert "could not be loaded" in page.value("document.getElementById('status').textContent")
