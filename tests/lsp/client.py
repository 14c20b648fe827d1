"""A client of the language server, over its standard input and output; it knows no library."""

import json
import subprocess
import sys
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any

from tests.cli.run import LONGEST


class Client:
    """Starts a server, and waits for what it says; one that hangs is killed, and the wait fails."""

    def __init__(
        self,
        folder: Path,
        capabilities: dict[str, Any] | None = None,
        program: tuple[str, ...] = ("einlint", "lsp"),
    ) -> None:
        self.folder = folder
        command = [sys.executable, "-m", *program]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe)
        self._patience = self._new_patience()
        self._number = 0
        versioned = {"workspaceEdit": {"documentChanges": True}}
        asked = {"workspace": versioned} if capabilities is None else capabilities
        self._said: list[dict[str, Any]] = []
        start = {"processId": None, "rootUri": folder.as_uri(), "capabilities": asked}
        self.capabilities = self.request("initialize", start)["capabilities"]
        self.notify("initialized", {})

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.communicate()  # at the end of its input it ends, and saves its coverage
        self._patience.cancel()

    def _new_patience(self) -> Timer:
        """Kills the server, if nothing is sent for long: the client waits for its answer."""
        patience = Timer(LONGEST, self.process.kill)
        patience.start()
        return patience

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, uri: str, text: str, version: int = 1) -> list[dict[str, Any]]:
        item = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return self.diagnostics(uri)

    def change(self, uri: str, text: str, version: int) -> None:
        document = {"uri": uri, "version": version}
        changes = [{"text": text}]
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def diagnostics(self, uri: str, version: int | None = None) -> list[dict[str, Any]]:
        """The next ones published for a document, and for this version of it."""
        while True:
            message = self._said.pop(0) if self._said else self._read()
            params = message.get("params", {})
            if message.get("method") == "textDocument/publishDiagnostics" and (
                params["uri"] == uri and version in (None, params.get("version"))
            ):
                return list(params["diagnostics"])

    def unread(self) -> list[dict[str, Any]]:
        """What the server has said beside the answers, and nobody has asked for."""
        return list(self._said)

    def actions(self, uri: str, at: dict[str, Any], *only: str) -> list[dict[str, Any]]:
        context = {"diagnostics": [], **({"only": list(only)} if only else {})}
        where = {"textDocument": {"uri": uri}, "range": at, "context": context}
        return list(self.request("textDocument/codeAction", where) or [])

    def hover(self, uri: str, line: int, character: int) -> Any:
        place = {"line": line, "character": character}
        return self.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": place})

    def request(self, method: str, params: Any) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]
            self._said.append(message)

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def server_request(self, method: str) -> dict[str, Any]:
        """What the server asks of the client."""
        while (message := self._read()).get("method") != method:
            self._said.append(message)
        return dict(message["params"])

    def send_bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self._patience.cancel()
        self._patience = self._new_patience()
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def _read(self) -> dict[str, Any]:
        """The next message; anything else on standard output is an error."""
        assert self.process.stdout is not None
        length = 0
        while (header := self.process.stdout.readline()) != b"\r\n":
            name, _, value = header.partition(b":")
            assert name in (b"Content-Length", b"Content-Type"), header
            length = int(value) if name == b"Content-Length" else length
        return dict(json.loads(self.process.stdout.read(length)))


def applied(text: str, action: dict[str, Any]) -> str:
    """The text after an action that edits one document only."""
    (uri,) = _edits(action)
    return applied_by_uri({uri: text}, action)[uri]


def applied_by_uri(texts: dict[str, str], action: dict[str, Any]) -> dict[str, str]:
    """The texts after an action, as an editor makes its edits that counts in UTF-16."""
    after = dict(texts)
    for uri, edits in _edits(action).items():
        for each in sorted(edits, key=lambda each: _pair(each["range"]["start"]), reverse=True):
            text = after[uri]
            start, end = (_offset(text, each["range"][side]) for side in ("start", "end"))
            after[uri] = text[:start] + each["newText"] + text[end:]
    return after


def _edits(action: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    edit = action["edit"]
    if "changes" in edit:
        return dict(edit["changes"])
    return {each["textDocument"]["uri"]: each["edits"] for each in edit["documentChanges"]}


def _pair(place: dict[str, int]) -> tuple[int, int]:
    return place["line"], place["character"]


def _offset(text: str, place: dict[str, int]) -> int:
    rows = text.replace("\r\n", " \n").replace("\r", "\n").split("\n")
    row = rows[place["line"]].encode("utf-16-le")
    inside = len(row[: 2 * place["character"]].decode("utf-16-le"))
    return sum(len(each) + 1 for each in rows[: place["line"]]) + inside
