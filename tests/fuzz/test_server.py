"""The language server: open, change, ask and close in any order; every request is answered."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.cli.run import SOURCE
from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.sources import damaged, scripts
from tests.lsp.client import Client, applied

STEPS = st.sampled_from(("change", "change part", "actions", "actions", "hover", "close", "odd"))


def texts() -> st.SearchStrategy[str]:
    data = scripts() | damaged(scripts()) | st.just(SOURCE.encode())
    return data.map(lambda each: each.decode("utf-8", "replace"))


@pytest.fixture
def client(tmp_path: Path) -> Any:
    with Client(tmp_path) as found:
        yield found


def test_conversations(fuzzer: Fuzzer, client: Client) -> None:  # noqa: C901 -- one case a step
    places = st.tuples(st.integers(0, 12), st.integers(0, 60))
    steps = st.lists(st.tuples(STEPS, texts(), places), max_size=5)
    numbers = iter(range(10**9))

    def check(given: tuple[str, list[tuple[str, str, tuple[int, int]]]]) -> None:
        text, script = given
        uri = client.uri(f"a{next(numbers)}.py")
        client.open(uri, text)
        version, is_open = 1, True
        for step, other, (line, character) in script:
            place = {"line": line, "character": character}
            whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9**4, "character": 0}}
            identifier = {"uri": uri}
            match step:
                case "change" if is_open:
                    version, text = version + 1, other
                    client.change(uri, text, version)
                    client.diagnostics(uri, version)
                case "change part" if is_open:
                    version += 1
                    change = {"range": {"start": place, "end": place}, "text": other[:20]}
                    params = {
                        "textDocument": {"uri": uri, "version": version},
                        "contentChanges": [change, {"text": other}],
                    }
                    client.notify("textDocument/didChange", params)
                    client.diagnostics(uri, version)
                    text = other
                case "actions":
                    actions = client.actions(uri, whole)
                    assert is_open or not actions
                    for action in actions:
                        after = applied(text, action)
                        assert after != text
                case "hover":
                    client.hover(uri, line, character)
                case "close" if is_open:
                    client.notify("textDocument/didClose", {"textDocument": identifier})
                    is_open = False
                case "odd":
                    client.notify("workspace/didChangeConfiguration", {"settings": {"a": line}})
        if is_open:
            client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert client.process.poll() is None, "the server is alive"

    fuzzer.run(0.1, st.tuples(texts(), steps), check)
