"""Publish the findings of open scripts and notebooks to the editor."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from einlint.lsp.checked import Checked
from einlint.lsp.diagnostics import not_checked, shown
from einlint.lsp.document import Opened
from einlint.lsp.notebook import code_cells

# Seconds without a change before a text is checked.
_PAUSE: Final = 0.15
# Seconds in which a request is read that came while a text was checked.
_BREATH: Final = 0.005


def report(server: LanguageServer, checked: Checked) -> None:
    """Publish the findings of a script when it is opened, changed or saved."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        _publish(server, checked, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        await asyncio.sleep(_PAUSE)
        if server.workspace.get_text_document(document.uri).version == document.version:
            _publish(server, checked, document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        _publish(server, checked, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        _retract(server, [params.text_document])


def report_notebooks(server: LanguageServer, checked: Checked) -> None:
    """The same for notebooks, cell by cell."""

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenNotebookDocumentParams) -> None:
        _publish_notebook(server, checked, params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeNotebookDocumentParams) -> None:
        document, cells = params.notebook_document, params.change.cells
        if cells is not None and cells.structure is not None:
            _retract(server, cells.structure.did_close or ())
        await asyncio.sleep(_PAUSE)
        current = server.workspace.get_notebook_document(notebook_uri=document.uri)
        if current is not None and current.version == document.version:
            _publish_notebook(server, checked, document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveNotebookDocumentParams) -> None:
        _publish_notebook(server, checked, params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseNotebookDocumentParams) -> None:
        _retract(server, params.cell_text_documents)


def _publish(server: LanguageServer, checked: Checked, uri: str) -> None:
    """Publish the findings of a script."""
    item = server.workspace.get_text_document(uri)
    _send(server, [item], lambda: checked.script(item))


def _publish_notebook(server: LanguageServer, checked: Checked, uri: str) -> None:
    """Publish the findings of every cell."""
    workspace = server.workspace
    current = workspace.get_notebook_document(notebook_uri=uri)
    if current is not None:
        _send(server, code_cells(current, workspace), lambda: checked.notebook(current, workspace))


async def publish_all(
    server: LanguageServer, checked: Checked, is_wanted: Callable[[], bool]
) -> None:
    """Check and publish all open texts again, one by one: requests are answered in between.

    is_wanted: asked before each; where another run has begun, this one ends.
    """
    workspace = server.workspace
    await asyncio.sleep(_PAUSE)
    for uri in list(workspace.notebook_documents):
        if not is_wanted():
            return
        _publish_notebook(server, checked, uri)
        await asyncio.sleep(_BREATH)
    for uri in list(workspace.text_documents):
        if not is_wanted():
            return
        is_open = uri in workspace.text_documents
        if is_open and workspace.get_notebook_document(cell_uri=uri) is None:
            _publish(server, checked, uri)
            await asyncio.sleep(_BREATH)


def _send(
    server: LanguageServer, items: Sequence[TextDocument], check: Callable[[], Opened | None]
) -> None:
    """Send the findings of every text, also empty ones; an error is sent for the first text."""
    opened = None
    try:
        opened = check()
        found = {} if opened is None else _found(opened)
        if opened is not None and any(found.values()):
            opened.suppressions()  # actions at a finding, which come next, ask for them
    except Exception as error:  # noqa: BLE001 -- else the editor keeps old findings
        found = {each.uri: [not_checked(error)] for each in items[:1]}
    for item in items:
        server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(item.uri, found.get(item.uri, []), item.version)
        )
    if opened is not None:
        _load_second_reader(opened)


def _load_second_reader(opened: Opened) -> None:
    """Read one of the fixes: the first one imports libcst, for which no action should wait."""
    for each in opened.findings.diagnostics:
        if each.fix is not None and each.fix.edits:
            opened.is_confirmed(each)
            return


def _found(opened: Opened) -> dict[str, list[types.Diagnostic]]:
    return {
        document.uri: [shown(each, document, opened) for each in opened.reported(document)]
        for document in opened.documents
    }


def _retract(server: LanguageServer, closed: Iterable[types.TextDocumentIdentifier]) -> None:
    for each in closed:
        none = types.PublishDiagnosticsParams(each.uri, [])
        server.text_document_publish_diagnostics(none)
