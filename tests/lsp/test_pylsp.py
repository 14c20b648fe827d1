"""The plugin in the real python-lsp-server, found by the metadata of the installed package."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import FIXED, SOURCE, write
from tests.lsp.client import Client, applied
from tests.lsp.test_server import CALL

pytest.importorskip("pylsp", reason="the extra `pylsp` is not installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with Client(tmp_path_factory.mktemp("root"), program=("pylsp",)) as client:
        yield client


@pytest.fixture
def client(server: Client, tmp_path: Path) -> Client:
    server.folder = tmp_path
    return server


def ours(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in found if each["source"] == "einlint"]


def test_findings_are_among_those_of_others_and_have_a_fix(client: Client) -> None:
    uri = client.uri("a.py")
    (found,) = ours(client.open(uri, SOURCE))
    assert (found["code"], found["range"]) == ("EIN105", CALL)
    fix = client.actions(uri, CALL, "quickfix")[0]
    assert fix["title"] == "einlint: replace with `q @ k.transpose(-2, -1)`"
    assert applied(SOURCE, fix) == FIXED


def test_hover_explains_a_call_and_leaves_the_rest_to_others(client: Client) -> None:
    uri = client.uri("a.py")
    client.open(uri, SOURCE)
    assert "is a batched matrix product" in client.hover(uri, 4, 28)["contents"]["value"]
    assert "batched" not in str(client.hover(uri, 3, 5))


def test_the_text_of_a_notebook_has_no_file(client: Client) -> None:
    """jupyterlab-lsp sends all cells as one text, below a folder that does not exist."""
    uri = client.uri(".virtual_documents/a.ipynb")
    (found,) = ours(client.open(uri, SOURCE))
    assert found["code"] == "EIN105"


def test_wrong_settings_are_said_in_the_document(client: Client) -> None:
    write(client.folder, {"einlint.toml": "ignroe = []"})
    uri = client.uri("a.py")
    (found,) = ours(client.open(uri, SOURCE))
    assert found["message"].startswith("not checked: ")
    assert client.actions(uri, CALL, "quickfix") == []
