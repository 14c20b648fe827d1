"""Try dist/einlint.vsix in a real host, code-server: a check before a release, not a part of CI.

    python editors/vscode/scripts/try_in_code_server.py "code-server" SHOTS

The first argument is the command of code-server (4.99 was tried), the second a folder for the
screenshots. The Python that runs this has einlint with its extra `lsp`; Chromium is on PATH. Passes
if a finding is underlined, the mouse brings up its hover, and saving fixes the file.

`npm install code-server@4.99.4` (Node 20) fetches parts from GitHub. From the npm registry alone:
`npm install --ignore-scripts code-server@4.99.4`; the same with `--omit=dev` in its `lib/vscode`
and in `lib/vscode/extensions`; then `node-gyp rebuild --nodedir=/usr` in `node-pty`, in
`@vscode/spdlog`, and in `argon2`, there with `--module_name=argon2 --napi_build_version=3
--module_path=$PWD/lib/binding/napi-v3`. The command is `node .../code-server/out/node/entry.js`.
"""

import base64
import json
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from tests.cli.run import FIXED, SOURCE  # noqa: E402 -- they are beside us, not installed
from tests.verify.browser import Browser, browser  # noqa: E402

EXTENSION = ROOT / "editors" / "vscode" / "dist" / "einlint.vsix"
LONGEST = 120.0
SETTINGS = {
    "editor.codeActionsOnSave": {"source.fixAll.einlint": "explicit"},
    "editor.hover.delay": 100,
    "einlint.interpreter": sys.executable,
    "extensions.ignoreRecommendations": True,
    "workbench.startupEditor": "none",
}
UNDERLINED = "document.querySelectorAll('.squiggly-warning, .squiggly-info').length"
PLACE = """(() => {
  const box = document.querySelector('.squiggly-warning, .squiggly-info').getBoundingClientRect();
  return [box.x + 60, box.y + box.height / 2];
})()"""
HOVER = "[...document.querySelectorAll('.monaco-hover')].map(one => one.innerText).join(' ')"


def until(what: str, holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    end = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.2)
    print(f"{what}: yes")


def answers(url: str) -> bool:
    """Whether a server answers there."""
    try:
        with urlopen(url):
            return True
    except URLError:
        return False


def look(page: Browser, url: str, file: Path, shots: Path) -> None:
    """Open the file, look at the finding and its hover, and save."""
    page.show(1100)
    page.do("Page.navigate", url=url)
    until("the finding is underlined", lambda: page.value(UNDERLINED) > 0)
    page.screenshot(shots / "vscode-finding.png")
    x, y = page.value(PLACE)

    def hovers() -> bool:
        for each in (x, x + 2):
            page.do("Input.dispatchMouseEvent", type="mouseMoved", x=each, y=y)
        return "batched matrix product" in page.value(HOVER)

    until("the hover explains it", hovers)
    time.sleep(0.5)
    shown = page.do("Page.captureScreenshot")  # of the window alone: else the hover goes away
    (shots / "vscode-hover.png").write_bytes(base64.b64decode(shown["data"]))
    page.do("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", clickCount=1)
    page.do("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, button="left", clickCount=1)
    save = {"key": "s", "code": "KeyS", "windowsVirtualKeyCode": 83, "modifiers": 2}
    page.do("Input.dispatchKeyEvent", type="keyDown", **save)
    page.do("Input.dispatchKeyEvent", type="keyUp", **save)
    until("saving fixes the file", lambda: file.read_text() == FIXED)
    until("nothing is underlined then", lambda: page.value(UNDERLINED) == 0)
    page.screenshot(shots / "vscode-fixed.png")


def main() -> None:
    """Install the extension in a new code-server, start it, and look."""
    command, shots = shlex.split(sys.argv[1]), Path(sys.argv[2])
    shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        folder = Path(name)
        file = folder / "project" / "attention.py"
        settings = folder / "user" / "User" / "settings.json"
        for each in (file, settings):
            each.parent.mkdir(parents=True)
        file.write_text(SOURCE)
        settings.write_text(json.dumps(SETTINGS))
        own = ("--user-data-dir", folder / "user", "--extensions-dir", folder / "extensions")
        subprocess.run([*command, *own, "--install-extension", EXTENSION], check=True)
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        quiet = ("--disable-telemetry", "--disable-update-check", "--disable-workspace-trust")
        server = subprocess.Popen(
            [*command, *own, *quiet, "--auth", "none", "--bind-addr", address],
            stdout=subprocess.DEVNULL,
        )
        try:
            until("code-server answers", lambda: answers(f"http://{address}/healthz"))
            opened = json.dumps([["openFile", f"vscode-remote://{address}{file}"]])
            url = f"http://{address}/?folder={quote(str(file.parent))}&payload={quote(opened)}"
            with browser(folder / "profile") as page:
                look(page, url, file, shots)
        finally:
            server.terminate()
            server.wait(LONGEST)


if __name__ == "__main__":
    main()
