"""Notebooks as an editor has them: cells that come, change and go, each with its own URI."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import write
from tests.lsp.client import Client, applied_by_uri

IMPORT = "import torch\n"
CALL = "%matplotlib inline\ny = torch.einsum('ij,jk->ik', a, b)"
FIXED = "%matplotlib inline\ny = a @ b"
OUTER = 'x = "\N{GRINNING FACE}", torch.einsum("ij,jk->ik", c, d)\n'
MARKUP, CODE = 1, 2
EVERYWHERE = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
CAPABILITIES = {
    "workspace": {"workspaceEdit": {"documentChanges": True}},
    "notebookDocument": {"synchronization": {}},
}


class Notebook:
    """One that a client holds; cells are named by their numbers at the start."""

    def __init__(self, client: Client, name: str, cells: list[tuple[int, str, str]]) -> None:
        self.client, self.uri, self.version = client, client.uri(name), 1
        self.cells = [
            {"kind": kind, "document": self.cell(n)} for n, (kind, _, _) in enumerate(cells)
        ]
        self.texts = [self.item(n, text, language) for n, (_, language, text) in enumerate(cells)]
        document = {"uri": self.uri, "notebookType": "jupyter-notebook", "version": 1}
        opened = {"notebookDocument": {**document, "cells": self.cells}}
        client.notify("notebookDocument/didOpen", {**opened, "cellTextDocuments": self.texts})

    def cell(self, number: int) -> str:
        return f"{self.uri.replace('file:', 'vscode-notebook-cell:')}#W{number}"

    def item(self, number: int, text: str, language: str = "python") -> dict[str, Any]:
        return {"uri": self.cell(number), "languageId": language, "version": 1, "text": text}

    def change(self, cells: dict[str, Any]) -> None:
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        changed = {"notebookDocument": document, "change": {"cells": cells}}
        self.client.notify("notebookDocument/didChange", changed)

    def codes(self, number: int, version: int | None = None) -> list[str]:
        return [each["code"] for each in self.client.diagnostics(self.cell(number), version)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with Client(tmp_path_factory.mktemp("root"), CAPABILITIES) as client:
        yield client


@pytest.fixture
def client(server: Client, tmp_path: Path) -> Client:
    """In a folder of its own, of the one server."""
    server.folder = tmp_path
    return server


def three(client: Client, name: str = "a b.ipynb") -> Notebook:
    cells = [
        (CODE, "python", IMPORT),
        (MARKUP, "markdown", "torch.einsum('i->j', a)"),
        (CODE, "python", CALL),
        (CODE, "r", "torch.einsum('i->j', a)"),
        (CODE, "python", OUTER),
    ]
    return Notebook(client, name, cells)


def test_findings_are_those_of_the_cell_and_its_imports_those_of_others(client: Client) -> None:
    (selected,) = client.capabilities["notebookDocumentSync"]["notebookSelector"]
    assert selected == {"cells": [{"language": "python"}]}
    notebook = three(client)
    assert notebook.codes(0) == []
    (found,) = client.diagnostics(notebook.cell(2))
    assert found["range"]["start"] == {"line": 1, "character": 4}
    assert found["data"]["cell"] == 2  # as on the command line, of the code cells
    assert notebook.codes(3) == []
    (found,) = client.diagnostics(notebook.cell(4))
    assert found["range"]["start"] == {"line": 0, "character": 10}
    assert client.actions(notebook.cell(1), EVERYWHERE) == []
    assert client.hover(notebook.cell(1), 0, 3) is None


def test_texts_change_in_parts_and_as_a_whole(client: Client) -> None:
    notebook = three(client)
    places = [{"line": 0, "character": 0}] * 2
    above = {"range": dict(zip(("start", "end"), places, strict=True)), "text": "\f\n"}
    places = [{"line": 1, "character": 5}, {"line": 1, "character": 7}]
    inside = {"range": dict(zip(("start", "end"), places, strict=True)), "text": "1"}
    for version, changes in ((2, [above, inside]), (3, [{"text": "x = 1\n"}])):
        document = {"uri": notebook.cell(4), "version": version}
        notebook.change({"textContent": [{"document": document, "changes": changes}]})
        found = client.diagnostics(notebook.cell(4), version)
        starts = [each["range"]["start"] for each in found]
        assert starts == ([{"line": 1, "character": 9}] if version == 2 else [])


def test_cells_come_and_go(client: Client) -> None:
    notebook = three(client)
    notebook.codes(4)
    new = {"kind": CODE, "document": notebook.cell(7)}
    array = {"start": 3, "deleteCount": 2, "cells": [new]}
    opened = [notebook.item(7, "z = torch.einsum('i->j', a)")]
    closed = [{"uri": notebook.cell(3)}, {"uri": notebook.cell(4)}]
    notebook.change({"structure": {"array": array, "didOpen": opened, "didClose": closed}})
    assert notebook.codes(4) == []
    assert notebook.codes(2) == ["EIN104"]
    assert notebook.codes(7) == ["EIN003"]
    without = {"array": {"start": 0, "deleteCount": 1}, "didClose": [{"uri": notebook.cell(0)}]}
    notebook.change({"structure": without})
    assert notebook.codes(0) == []
    assert notebook.codes(7) == []  # without its import it is no einsum
    assert client.actions(notebook.cell(0), EVERYWHERE) == []


def test_all_is_told_again_when_it_is_saved_and_taken_back_when_it_is_closed(
    client: Client,
) -> None:
    notebook = three(client)
    assert notebook.codes(4) == ["EIN104"]
    identifier = {"uri": notebook.uri}
    client.notify("notebookDocument/didSave", {"notebookDocument": identifier})
    assert notebook.codes(4) == ["EIN104"]
    texts = [{"uri": each["uri"]} for each in notebook.texts]
    closed = {"notebookDocument": identifier, "cellTextDocuments": texts}
    client.notify("notebookDocument/didClose", closed)
    assert notebook.codes(4) == []


def test_quick_fixes_comments_and_hover_of_a_cell(client: Client) -> None:
    notebook = three(client)
    uri = notebook.cell(2)
    fix, every, comment, *_ = client.actions(uri, EVERYWHERE, "quickfix")
    assert fix["title"] == "einlint: replace with `a @ b`"
    assert applied_by_uri({uri: CALL}, fix) == {uri: FIXED}
    assert every["title"] == "einlint: fix all safe findings in this notebook"
    silenced = {uri: f"{CALL}  # einlint: ignore[EIN104]"}
    assert applied_by_uri({uri: CALL}, comment) == silenced
    said = client.hover(uri, 1, 20)
    assert said["range"]["start"] == {"line": 1, "character": 4}
    assert said["contents"]["value"].startswith("**EIN104** `ij,jk->ik`")
    assert client.hover(notebook.cell(0), 0, 8) is None


def test_a_comment_breaks_no_magic(client: Client) -> None:
    (client.folder / "einlint.toml").write_text("extend-assume = ['not-the-subject']")
    line = "%time y = torch.einsum('ij,jk->ik', a, b); z = 1"
    cells = [(CODE, "python", IMPORT), (CODE, "python", line)]
    uri = Notebook(client, "magic.ipynb", cells).cell(1)
    comment = client.actions(uri, EVERYWHERE, "quickfix")[-1]
    assert comment["title"] == "einlint: ignore EIN104 here"
    silenced = {uri: f"{line}  # einlint: ignore[EIN104]"}
    assert applied_by_uri({uri: line}, comment) == silenced


def test_fix_all_is_about_the_cell_or_the_notebook(client: Client) -> None:
    notebook = three(client)
    one, other = notebook.cell(2), notebook.cell(4)
    before = {one: CALL, other: OUTER}
    after = {one: FIXED, other: OUTER.replace('torch.einsum("ij,jk->ik", c, d)', "c @ d")}
    (every,) = client.actions(notebook.cell(0), EVERYWHERE, "notebook.source.fixAll")
    assert every["kind"] == "notebook.source.fixAll.einlint"
    assert applied_by_uri(before, every) == after
    (single,) = client.actions(other, EVERYWHERE, "source.fixAll")
    assert single["kind"] == "source.fixAll.einlint"
    assert applied_by_uri(before, single) == {**before, other: after[other]}
    assert client.actions(notebook.cell(0), EVERYWHERE, "source.fixAll") == []


def test_the_setting_annotate_holds_in_cells(client: Client) -> None:
    write(client.folder, {"pyproject.toml": "[tool.einlint]\nannotate = true\n"})
    notebook = three(client)
    uri = notebook.cell(2)
    for fix in client.actions(uri, EVERYWHERE, "quickfix")[:1]:
        assert applied_by_uri({uri: CALL}, fix) == {uri: f"{FIXED}  # ij,jk->ik"}


def test_settings_are_those_of_the_path_of_the_notebook(client: Client) -> None:
    write(client.folder, {"old/pyproject.toml": '[tool.einlint]\nignore = ["EIN104"]\n'})
    assert three(client, "old/a.ipynb").codes(2) == []
    write(client.folder, {"pyproject.toml": "[tool.einlint]\nselct = []\n"})
    notebook = three(client)
    (why,) = client.diagnostics(notebook.cell(0))
    assert "unknown key `selct`" in why["message"]
    assert client.diagnostics(notebook.cell(2)) == []
    write(client.folder, {"pyproject.toml": '[tool.einlint]\nexclude = ["*.ipynb"]\n'})
    client.notify("workspace/didChangeWatchedFiles", {"changes": []})
    assert client.diagnostics(notebook.cell(0)) == []
    assert client.actions(notebook.cell(2), EVERYWHERE) == []
