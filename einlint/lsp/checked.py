"""Checked: what was found in open texts, kept as long as texts and settings stay the same."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from einlint.lsp.document import Opened, script, settings_of
from einlint.lsp.notebook import code_cells, notebook

# Syntax trees take much memory: those of the texts that were used last are kept.
_MOST: Final = 16


class Checked:
    """Scripts and notebooks by their URI, each with what it was made from."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, tuple[object, Opened]] = OrderedDict()

    def script(self, item: TextDocument) -> Opened | None:
        """A checked script; None if it is excluded, or neither a file nor an untitled text.

        Raises:
            SettingsError: the settings for its path are wrong.
            RuleError: a rule failed.
        """
        settings = settings_of(item.uri)
        if settings is None:
            return None
        key = (item.version, item.source, settings)
        return self._kept(item.uri, key, lambda: script(item, settings))

    def notebook(self, opened: types.NotebookDocument, workspace: Workspace) -> Opened | None:
        """A checked notebook; None and errors as for a script."""
        settings = settings_of(opened.uri)
        if settings is None:
            return None
        cells = [
            (each.uri, each.version, each.language_id, each.source)
            for each in code_cells(opened, workspace)
        ]
        return self._kept(
            opened.uri, (cells, settings), lambda: notebook(opened, workspace, settings)
        )

    def _kept(self, uri: str, key: object, check: Callable[[], Opened]) -> Opened:
        known = self._found.pop(uri, None)
        if known is None:
            opened = check()
        elif known[0] == key:
            opened = known[1]
        else:  # most of its calls are as before
            opened = replace(check(), second=known[1].second)
        self._found[uri] = (key, opened)
        if len(self._found) > _MOST:
            self._found.popitem(last=False)
        return opened
