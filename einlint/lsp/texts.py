"""Texts: the open texts, updated by whole or partial changes from the editor."""

from functools import cached_property

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol
from pygls.workspace import TextDocument, Workspace

from einlint.lsp.positions import offset_in
from einlint.source.lines import LineIndex


class Text(TextDocument):
    """An open text; its lines end as the protocol says, not as `str.splitlines` does."""

    def apply_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        """Apply a change of a range, or of the whole text."""
        if isinstance(change, types.TextDocumentContentChangePartial):
            lines = LineIndex.of(self.source)
            start, end = (
                offset_in(lines, place, self.position_codec)
                for place in (change.range.start, change.range.end)
            )
            self._source = lines.text[:start] + change.text + lines.text[end:]
        else:
            self._source = change.text


class Texts(Workspace):
    """All open texts. Editors send partial changes for cells even if asked for whole texts."""

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> Text:
        return Text(doc_uri, source, version, language_id, position_codec=self.position_codec)


class Protocol(LanguageServerProtocol):
    """The protocol of pygls with these texts."""

    @cached_property
    def workspace(self) -> Texts:
        """All texts.

        Raises:
            RuntimeError: the client has not sent `initialize` yet.
        """
        made, kind = super().workspace, types.TextDocumentSyncKind.Full
        return Texts(made.root_uri, kind, list(made.folders.values()), made.position_encoding)
