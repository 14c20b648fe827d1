"""The server: the messages of the protocol that it handles."""

import sys
from contextlib import redirect_stdout
from typing import Final

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.lsp.server import LanguageServer

from einlint import __version__
from einlint.linting.judging import RuleError
from einlint.lsp.actions import FIX_ALL, NOTEBOOK_FIX_ALL, QUICK_FIX, REWRITE, actions, resolved
from einlint.lsp.checked import Checked
from einlint.lsp.distinct import distinct
from einlint.lsp.document import Document, Opened
from einlint.lsp.hover import hover
from einlint.lsp.notebook import PYTHON
from einlint.lsp.publishing import publish_all, report, report_notebooks
from einlint.lsp.texts import Protocol
from einlint.unusable import UnusableError

_SETTINGS_FILES: Final = ("**/pyproject.toml", "**/einlint.toml")


class _Server(LanguageServer):
    """status: the exit code. changes: how often settings have changed. checked: open texts."""

    is_shut_down = False
    status = 0
    changes = 0
    checked: Checked


def serve() -> int:
    """Serve the client at standard input and output until it sends `exit` or closes them.

    Returns:
        The exit code: 1 if the client sends `exit` without `shutdown`.
    """
    protocol = sys.stdout.buffer
    with redirect_stdout(sys.stderr):  # prints must not mix with messages
        server = _server()
        server.start_io(stdout=protocol)
    return server.status


def _server() -> _Server:
    cells = types.NotebookDocumentFilterWithCells([types.NotebookCellLanguage(PYTHON)])
    server = _Server(
        "einlint",
        __version__,
        types.TextDocumentSyncKind.Full,
        types.NotebookDocumentSyncOptions([cells], save=True),
        protocol_cls=Protocol,
    )
    server.checked = Checked()
    report(server, server.checked)
    report_notebooks(server, server.checked)
    _answering(server)
    _watching(server)
    _ending(server)
    return server


def _answering(server: _Server) -> None:
    """Requests about a place in a document: code actions and hover."""
    kinds = types.CodeActionOptions(
        [QUICK_FIX, REWRITE, FIX_ALL, NOTEBOOK_FIX_ALL], resolve_provider=True
    )

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def code_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        found = _opened(server, params.text_document.uri)
        if found is None:
            return []
        path = "text_document.code_action.resolve_support"
        support = get_capability(server.client_capabilities, path, None)
        later = support is not None and "edit" in support.properties
        offered = actions(*found, params, are_versioned=_are_versioned(server), are_resolved=later)
        return distinct(offered, params.context)

    @server.feature(types.CODE_ACTION_RESOLVE)
    def complete(action: types.CodeAction) -> types.CodeAction:
        uri = action.data.get("uri") if isinstance(action.data, dict) else None
        found = _opened(server, uri) if isinstance(uri, str) else None
        if found is None:
            return action
        return resolved(*found, action, are_versioned=_are_versioned(server))

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def explained(params: types.HoverParams) -> types.Hover | None:
        found = _opened(server, params.text_document.uri)
        # Of the editors that name their Markdown parser, those with this one show SVG images.
        parser = get_capability(server.client_capabilities, "general.markdown.parser", "")
        is_shown = parser == "marked"
        return None if found is None else hover(*found, params.position, has_images=is_shown)


def _are_versioned(server: _Server) -> bool:
    path = "workspace.workspace_edit.document_changes"
    return bool(get_capability(server.client_capabilities, path, False))


def _watching(server: _Server) -> None:
    """Check everything again when a file with settings changes."""

    @server.feature(types.INITIALIZED)
    def initialized(params: types.InitializedParams) -> None:
        path = "workspace.did_change_watched_files.dynamic_registration"
        if get_capability(server.client_capabilities, path, False):
            watchers = [types.FileSystemWatcher(each) for each in _SETTINGS_FILES]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            asked = types.Registration("settings", method, options)
            server.client_register_capability(types.RegistrationParams([asked]))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def settings_changed(params: types.DidChangeWatchedFilesParams) -> None:
        server.changes = change = server.changes + 1
        await publish_all(server, server.checked, lambda: server.changes == change)


def _ending(server: _Server) -> None:
    @server.feature(types.SHUTDOWN)
    def shut_down(params: None) -> None:
        server.is_shut_down = True

    @server.feature(types.EXIT)
    def leave(params: None) -> None:
        server.status = 0 if server.is_shut_down else 1


def _opened(server: _Server, uri: str) -> tuple[Opened, Document] | None:
    """A document, and the script or notebook of it; None if it is closed or not checked."""
    workspace = server.workspace
    whole, item = workspace.get_notebook_document(cell_uri=uri), workspace.get_text_document(uri)
    if item.version is None:
        return None
    try:
        checked = server.checked
        opened = checked.script(item) if whole is None else checked.notebook(whole, workspace)
    except (UnusableError, RuleError):  # already published as a diagnostic
        return None
    document = opened.document(uri) if opened else None
    return None if opened is None or document is None else (opened, document)
