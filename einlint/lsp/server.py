"""The server: which messages of an editor it answers, and with what."""

import asyncio
import sys
from contextlib import redirect_stdout
from typing import Final

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.lsp.server import LanguageServer

from einlint import __version__
from einlint.judging import RuleError
from einlint.lsp.actions import FIX_ALL, QUICK_FIX, actions
from einlint.lsp.diagnostics import not_checked, shown
from einlint.lsp.document import Document, looked_at
from einlint.lsp.hover import hover
from einlint.settings import SettingsError

# Seconds without a key before a text is checked.
_PAUSE: Final = 0.15
_SETTINGS_FILES: Final = ("**/pyproject.toml", "**/einlint.toml")


def serve() -> None:
    """Serve the client at standard input and output until it says exit, or is gone."""
    protocol = sys.stdout.buffer
    with redirect_stdout(sys.stderr):  # nothing else may come between the messages
        _server().start_io(stdout=protocol)


def _server() -> LanguageServer:
    # Whole texts are sent: pygls would count the rows of changes as `str.splitlines` does.
    server = LanguageServer("einlint", __version__, types.TextDocumentSyncKind.Full)
    _reporting(server)
    _answering(server)
    _watching(server)
    return server


def _reporting(server: LanguageServer) -> None:
    """The findings of a document while it is open."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        _publish(server, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        await asyncio.sleep(_PAUSE)
        current = server.workspace.text_documents.get(document.uri)
        if current is not None and current.version == document.version:
            _publish(server, document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        _publish(server, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        none = types.PublishDiagnosticsParams(params.text_document.uri, [])
        server.text_document_publish_diagnostics(none)


def _answering(server: LanguageServer) -> None:
    """What is asked about a place in a document."""
    kinds = types.CodeActionOptions([QUICK_FIX, FIX_ALL])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def code_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        document = _readable(server, params.text_document.uri)
        takes = get_capability(
            server.client_capabilities, "workspace.workspace_edit.document_changes", False
        )
        return list(actions(document, params, are_versioned=bool(takes))) if document else []

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def explained(params: types.HoverParams) -> types.Hover | None:
        document = _readable(server, params.text_document.uri)
        return hover(document, params.position) if document else None


def _watching(server: LanguageServer) -> None:
    """The files with settings: when one changes, every open document is looked at anew."""

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
    def settings_changed(params: types.DidChangeWatchedFilesParams) -> None:
        for item in list(server.workspace.text_documents.values()):
            _publish(server, item.uri)


def _readable(server: LanguageServer, uri: str) -> Document | None:
    """The document; None where its own diagnostic says why it is not checked, and if not open."""
    item = server.workspace.get_text_document(uri)
    if item.version is None:
        return None
    try:
        return looked_at(item)
    except (SettingsError, RuleError):
        return None


def _publish(server: LanguageServer, uri: str) -> None:
    item = server.workspace.get_text_document(uri)
    try:
        document = looked_at(item)
        found = document.result.diagnostics if document else ()
        diagnostics = [shown(each, document) for each in found] if document else []
    except (SettingsError, RuleError) as error:
        diagnostics = [not_checked(error)]
    server.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(item.uri, diagnostics, item.version)
    )
