"""Texts: what an editor has open, kept as its changes say, whole or in parts."""

from functools import cached_property

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol
from pygls.workspace import TextDocument, Workspace

from einlint.lsp.positions import offset_in
from einlint.source.lines import LineIndex


class Text(TextDocument):
    """A text of the editor; its rows end where the protocol says, not as `str.splitlines` does."""

    def apply_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        """Take a change: of a range in the text, or of all of it."""
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
    """All texts of the editor. Cells change in parts, whatever the server asks for scripts."""

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> Text:
        return Text(doc_uri, source, version, language_id, position_codec=self.position_codec)


class Protocol(LanguageServerProtocol):
    """The protocol as pygls has it, over these texts."""

    @cached_property
    def workspace(self) -> Texts:
        """All texts.

        Raises:
            RuntimeError: the client has not said yet who it is.
        """
        made, kind = super().workspace, types.TextDocumentSyncKind.Full
        return Texts(made.root_uri, kind, list(made.folders.values()), made.position_encoding)
