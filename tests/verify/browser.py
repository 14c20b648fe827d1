"""Look at pages in a headless Chromium, by the DevTools protocol over two pipes."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--remote-debugging-pipe",
)
_SECONDS = 120  # nothing takes as long, not even on a busy machine
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
SCROLLED = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_COMPLAINTS = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")


_FAINTEST = """(() => {
  const parts = colour => colour.match(/[0-9.]+/g).map(Number);
  const light = colour => { const [r, g, b] = parts(colour).map(part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const backed = element => {
    const paper = getComputedStyle(element).backgroundColor;
    return parts(paper)[3] === 0 ? backed(element.parentElement) : element; };
  return Math.min(...TEXTS.map(text => {
    const style = getComputedStyle(text);
    const ink = light(text.closest("svg") ? style.fill : style.color);
    const paper = light(getComputedStyle(BEHIND).backgroundColor);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05); }));
})()"""


def chromium() -> str | None:
    """The first browser on PATH."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def faintest(texts: str, behind: str = "document.body") -> str:
    """A script for the contrast of the faintest of some texts, as WCAG 2 defines it.

    texts: a list of elements, in JavaScript.
    behind: the element whose background is behind each `text`; `backed(text)` for the nearest.
    """
    return _FAINTEST.replace("TEXTS", texts).replace("BEHIND", behind)


class Browser:
    """A page of a browser. complaints: what its console said."""

    def __init__(self, commands: int, answers: int) -> None:
        self.complaints: list[dict[str, Any]] = []
        self._commands, self._answers = commands, answers
        self._number, self._rest = 0, b""
        self._session: str | None = None
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        attached = self.do("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command, and wait for its result."""
        self._number += 1
        command: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._number:
                assert "error" not in message, message
                return dict(message["result"])

    def open(self, path: Path) -> None:
        """Load a file, to its end."""
        self.do("Page.navigate", url=path.as_uri())
        while self.value("document.readyState") != "complete":
            pass

    def show(self, width: int, *, is_dark: bool = False, media: str = "screen") -> None:
        """Lay the page out for a width in pixels, a colour scheme and a medium."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.do("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.do("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def value(self, script: str) -> Any:
        """What a script returns."""
        found = self.do("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def screenshot(self, path: Path) -> None:
        """Write the whole page to a PNG file."""
        found = self.do("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            assert select.select([self._answers], [], [], _SECONDS)[0], "the browser hangs"
            found = os.read(self._answers, 1 << 16)
            assert found, "the browser has ended"
            self._rest += found
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if message.get("method") in _COMPLAINTS:
            self.complaints.append(message)
        return message


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Start a browser with a new profile, and end it."""
    program = chromium()
    assert program is not None
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    # Chromium reads commands from 3 and writes answers to 4; bash puts the pipes there.
    pipes = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (theirs_in, theirs_out)]
    script = f'exec "$@" 3<&{pipes[0]} 4>&{pipes[1]}'
    command = ("bash", "-c", script, "bash", program, *_FLAGS, f"--user-data-dir={profile}")
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(command, pass_fds=pipes, stdout=nothing, stderr=nothing)
    for each in (theirs_in, theirs_out, *pipes):
        os.close(each)
    try:
        yield Browser(ours_out, ours_in)
    finally:
        process.terminate()
        process.wait(_SECONDS)
        os.close(ours_out)
        os.close(ours_in)
