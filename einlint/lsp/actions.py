"""Code actions: fix one finding, fix all safe ones, rewrite a call, or write an ignore comment."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lsprotocol import types

from einlint.diagnostics import Applicability, Diagnostic, Edit
from einlint.linting.fixes import applicable
from einlint.linting.suppression.write import ignore_edits
from einlint.lsp.diagnostics import shown, shown_range
from einlint.lsp.document import Document, Opened
from einlint.lsp.positions import touches
from einlint.source.annotation import annotations

QUICK_FIX: Final = types.CodeActionKind.QuickFix
REWRITE: Final = types.CodeActionKind.RefactorRewrite
FIX_ALL: Final = "source.fixAll.einlint"
NOTEBOOK_FIX_ALL: Final = f"notebook.{FIX_ALL}"


def actions(
    opened: Opened,
    document: Document,
    params: types.CodeActionParams,
    *,
    are_versioned: bool,
    are_resolved: bool = False,
) -> Iterator[types.CodeAction]:
    """The code actions of the requested kinds at the requested range.

    FIX_ALL fixes the document: editors request it for every cell. NOTEBOOK_FIX_ALL fixes all
    cells: editors request it for one of them.

    opened: the script or notebook that the document belongs to.
    are_versioned: the editor accepts edits that name the version of the text they apply to.
    are_resolved: it asks for the edits of an action once that is chosen (`resolved`): those that
        fix a whole document take several checks of it.
    """
    found = [
        (each, shown(each, document, opened))
        for each in opened.reported(document)
        if touches(shown_range(each, document, opened), params.range)
    ]
    of_all = _later if are_resolved else _fix_all
    if _is_wanted(QUICK_FIX, params.context):
        for each, diagnostic in found:
            yield from _fix(opened, document, each, diagnostic, are_versioned)
        if found:
            yield from of_all(opened, opened.documents, QUICK_FIX, are_versioned)
        for each, diagnostic in found:
            yield from _ignore(opened, document, each, diagnostic, are_versioned)
    if _is_wanted(REWRITE, params.context):
        for each in opened.hidden(document):
            if touches(document.range(each.start, each.end), params.range):
                yield from _fix(opened, document, each, None, are_versioned)
    if _is_wanted(FIX_ALL, params.context):
        yield from of_all(opened, [document], FIX_ALL, are_versioned)
    if opened.noun == "notebook" and _is_wanted(NOTEBOOK_FIX_ALL, params.context):
        yield from of_all(opened, opened.documents, NOTEBOOK_FIX_ALL, are_versioned)


def _is_wanted(kind: str, context: types.CodeActionContext) -> bool:
    """Whether a kind is requested; a requested kind includes all kinds below it."""
    wanted = context.only
    return wanted is None or any(kind == each or kind.startswith(each + ".") for each in wanted)


def _fix(
    opened: Opened,
    document: Document,
    finding: Diagnostic,
    about: types.Diagnostic | None,
    are_versioned: bool,
) -> Iterator[types.CodeAction]:
    """The fix of a finding: a quick fix, or a refactoring if nothing is shown about it.

    As on the command line, it is offered only if two readers agree where the parts of its calls
    stand.
    """
    if finding.fix is None or not finding.fix.edits or not opened.is_confirmed(finding):
        return
    edits = list(finding.fix.edits)
    if opened.settings.annotate:
        edits += annotations(opened.lines, [finding], lambda: opened.suppressions().comments)
    unmet = "; ".join(each.text for each in finding.fix.unmet)
    yield types.CodeAction(
        _title(
            f"{finding.fix.message} (unsafe: safe if {unmet})" if unmet else finding.fix.message
        ),
        REWRITE if about is None else QUICK_FIX,
        None if about is None else [about],
        is_preferred=None if unmet or about is None else True,
        edit=_edit([(document, edits)], are_versioned),
    )


def _fix_all(
    opened: Opened, documents: Sequence[Document], kind: str, are_versioned: bool
) -> Iterator[types.CodeAction]:
    """All safe fixes in some of the documents."""
    if not any(applicable(opened.reported(each), Applicability.SAFE) for each in documents):
        return
    edits = [(each, _inside(each, opened.fixed())) for each in documents]
    edits = [(each, some) for each, some in edits if some]
    if not edits:  # all are withheld, as they would hide an error
        return
    edit = _edit(edits, are_versioned)
    title = _title(f"Fix all safe findings in this {_noun(opened, documents)}")
    yield types.CodeAction(title, kind, edit=edit)


def _later(
    opened: Opened, documents: Sequence[Document], kind: str, are_versioned: bool
) -> Iterator[types.CodeAction]:
    """The same without the edits; `data` says which documents they are for."""
    if any(applicable(opened.reported(each), Applicability.SAFE) for each in documents):
        data = {"uri": documents[0].uri, "is_whole": len(documents) == len(opened.documents)}
        title = _title(f"Fix all safe findings in this {_noun(opened, documents)}")
        yield types.CodeAction(title, kind, data=data)


def resolved(
    opened: Opened, document: Document, action: types.CodeAction, *, are_versioned: bool
) -> types.CodeAction:
    """An action of `_later` with its edits; without any where all fixes would hide an error."""
    is_whole = isinstance(action.data, dict) and bool(action.data.get("is_whole"))
    documents = opened.documents if is_whole else [document]
    for each in _fix_all(opened, documents, FIX_ALL, are_versioned):
        action.edit = each.edit
    return action


def _noun(opened: Opened, documents: Sequence[Document]) -> str:
    return opened.noun if len(documents) == len(opened.documents) else "cell"


def _ignore(
    opened: Opened,
    document: Document,
    finding: Diagnostic,
    about: types.Diagnostic,
    are_versioned: bool,
) -> Iterator[types.CodeAction]:
    edits = ignore_edits(finding, opened.lines, opened.suppressions())
    if edits:
        title, edit = (
            _title(f"Ignore {finding.code} here"),
            _edit([(document, edits)], are_versioned),
        )
        yield types.CodeAction(title, QUICK_FIX, [about], edit=edit)


def _title(text: str) -> str:
    """A title that names the tool: editors list the actions of all servers together."""
    return f"einlint: {text[:1].lower()}{text[1:]}"


def _inside(document: Document, edits: Sequence[Edit]) -> list[Edit]:
    """Those in one of the documents, which none crosses."""
    end = document.start + len(document.lines.text)
    first = bisect_left(edits, document.start, key=lambda each: each.start)
    return list(edits[first : bisect_right(edits, end, key=lambda each: each.start)])


def _edit(edits: Iterable[tuple[Document, list[Edit]]], are_versioned: bool) -> types.WorkspaceEdit:
    texts = [
        (each, [types.TextEdit(each.range(one.start, one.end), one.content) for one in some])
        for each, some in edits
    ]
    if not are_versioned:
        return types.WorkspaceEdit(changes={each.uri: some for each, some in texts})
    identifier = types.OptionalVersionedTextDocumentIdentifier
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(identifier(each.uri, each.version), some) for each, some in texts
        ]
    )
