"""A notebook of the editor: its code cells are one module, and each is a document."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Final

from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from einlint.diagnostics import Applicability
from einlint.lsp.document import Document, Opened, path_of, settings_of
from einlint.notebook.cells import check_cells, fix_cells
from einlint.notebook.module import module_of
from einlint.settings import Settings
from einlint.source.lines import LineIndex
from einlint.source.prefilter import may_call_einsum

PYTHON: Final = "python"


def notebook(opened: types.NotebookDocument, workspace: Workspace) -> Opened | None:
    """The notebook with its findings; None where it is excluded, or not a file nor untitled.

    Raises:
        SettingsError: the settings for its path are wrong.
        RuleError: a rule failed.
    """
    settings = settings_of(opened.uri)
    if settings is None:
        return None
    name, items = path_of(opened.uri), code_cells(opened, workspace)
    texts = [each.source if each.language_id == PYTHON else "" for each in items]
    documents = tuple(_documents(name, items, texts, settings))
    safe = Applicability.SAFE
    return Opened("notebook", documents, lambda: fix_cells(name, texts, settings, safe).cells)


def code_cells(opened: types.NotebookDocument, workspace: Workspace) -> list[TextDocument]:
    """The code cells whose texts were sent, in their order."""
    cells = [each for each in opened.cells if each.kind == types.NotebookCellKind.Code]
    items = [workspace.get_text_document(each.document) for each in cells]
    return [each for each in items if each.version is not None]


def _documents(
    name: str, items: Sequence[TextDocument], texts: Sequence[str], settings: Settings
) -> Iterator[Document]:
    found = check_cells(name, texts, settings).diagnostics
    module = module_of(name, texts)
    source = module.source if any(map(may_call_einsum, texts)) else None
    cells = zip(count(1), items, module.cells, module.spans(), strict=False)
    for number, item, cell, span in cells:
        rows = module.lines.position(span.start).row - 1
        diagnostics = tuple(each for each in found if each.cell == number)
        lines, code = LineIndex.of(cell.text), LineIndex.of(cell.code)
        start = (item.uri, item.version, item.position_codec, lines, code)
        yield Document(*start, settings, source, rows, diagnostics)
