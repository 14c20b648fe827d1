"""A notebook in the editor: each code cell is a document, and all of them are one module."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from einlint.diagnostics import Applicability, Edit
from einlint.lsp.composed import composed
from einlint.lsp.document import Document, Opened, calls_in, path_of, suppressions_in
from einlint.notebook.cells import check_parsed, fix_cells, read_cells
from einlint.notebook.module import Module, module_of
from einlint.settings import Settings
from einlint.source.lines import LineIndex

PYTHON: Final = "python"


def notebook(opened: types.NotebookDocument, workspace: Workspace, settings: Settings) -> Opened:
    """Check a notebook.

    Raises:
        SettingsError: the settings select an unknown rule.
        RuleError: a rule failed.
    """
    name, items = path_of(opened.uri), code_cells(opened, workspace)
    module = module_of(name, [each.source if each.language_id == PYTHON else "" for each in items])
    read = read_cells(module, settings)
    found = check_parsed(module, read, settings)
    lines = LineIndex.of(module.source.text, module.places)
    documents = tuple(_documents(items, module))

    @cache
    def fixed() -> Sequence[Edit]:
        _, change = fix_cells(module, settings, Applicability.SAFE)
        return composed(len(module.source.text), change.rounds)

    return Opened(
        "notebook", documents, settings, lines, found, calls_in(read), fixed, suppressions_in(lines)
    )


def code_cells(opened: types.NotebookDocument, workspace: Workspace) -> list[TextDocument]:
    """The code cells whose texts the editor has sent, in their order."""
    cells = [each for each in opened.cells if each.kind == types.NotebookCellKind.Code]
    items = [workspace.get_text_document(each.document) for each in cells]
    return [each for each in items if each.version is not None]


def _documents(items: Sequence[TextDocument], module: Module) -> Iterator[Document]:
    for item, lines, start in zip(items, module.places.cells, module.places.starts, strict=True):
        yield Document(item.uri, item.version, item.position_codec, lines, start)
