"""Edits in an editor have two readers, as those of the command line."""

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from einlint.lsp.actions import QUICK_FIX, REWRITE, actions
from einlint.lsp.document import Opened, script
from einlint.lsp.notebook import notebook
from einlint.settings import Settings
from einlint.source import second_reader
from einlint.source.spans import CallSpan

READ = second_reader.calls_in
FIRST = "torch.einsum('ij,jk->ik', a, b)"
SECOND = "torch.einsum('i,i->', c, d)"
HIDDEN = "torch.einsum('i,j->ij', c, d)"
TEXT = f"import torch\nx = {FIRST}\ny = {SECOND}\nz = {HIDDEN}\n"
FIXES = ["einlint: replace with `a @ b`", "einlint: replace with `c @ d`"]


def offered(opened: Opened, kind: str) -> list[str]:
    """The titles of the fixes, of one finding each, that are offered in all of a text."""
    whole = types.Range(types.Position(0, 0), types.Position(9, 0))
    context = types.CodeActionContext([], only=[kind])
    found: list[types.CodeAction] = []
    for document in opened.documents:
        place = types.TextDocumentIdentifier(document.uri)
        params = types.CodeActionParams(place, whole, context)
        found += actions(opened, document, params, are_versioned=True, are_resolved=True)
    return [each.title for each in found if "replace with" in each.title]


def in_notebook(*cells: str) -> Opened:
    texts = [
        types.TextDocumentItem(f"cell:{number}", "python", 1, text)
        for number, text in enumerate(cells)
    ]
    code = types.NotebookCellKind.Code
    found = types.NotebookDocument(
        "file:///a.ipynb", "jupyter", 1, [types.NotebookCell(code, each.uri) for each in texts]
    )
    workspace = Workspace(None)
    workspace.put_notebook_document(types.DidOpenNotebookDocumentParams(found, texts))
    return notebook(found, workspace, Settings())


@pytest.fixture
def differing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reader finds other places in two of the calls."""

    def moved(text: str) -> tuple[CallSpan, ...]:
        is_other = "'i,i->'" in text or "'i,j->ij'" in text
        return tuple(each.moved(1) for each in READ(text)) if is_other else READ(text)

    monkeypatch.setattr(second_reader, "calls_in", moved)


def test_what_both_readers_read_alike_is_offered() -> None:
    opened = script(TextDocument("file:///a.py", TEXT, 1), Settings())
    assert offered(opened, QUICK_FIX) == FIXES
    assert len(offered(opened, REWRITE)) == 1
    assert (
        offered(in_notebook("import torch", f"%matplotlib inline\nx = {FIRST}", SECOND), QUICK_FIX)
        == FIXES
    )


@pytest.mark.usefixtures("differing")
def test_no_fix_is_offered_where_the_readers_disagree() -> None:
    opened = script(TextDocument("file:///a.py", TEXT, 1), Settings())
    assert offered(opened, QUICK_FIX) == FIXES[:1]
    assert offered(opened, REWRITE) == []
    assert offered(in_notebook("import torch", FIRST, SECOND), QUICK_FIX) == FIXES[:1]


@pytest.mark.usefixtures("differing")
def test_nor_by_the_plugin_of_python_lsp_server(tmp_path: Path) -> None:
    pylsp = pytest.importorskip("einlint.lsp.pylsp", reason="the extra `pylsp` is not installed")
    document = TextDocument((tmp_path / "a.py").as_uri(), TEXT, 1)
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    found = pylsp.pylsp_code_actions(document, whole, {"diagnostics": [], "only": [QUICK_FIX]})
    assert [each["title"] for each in found if "replace with" in each["title"]] == FIXES[:1]
