"""The plugin of python-lsp-server: findings, code actions and hovers beside those of others."""

from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.workspace import TextDocument
from pylsp import hookimpl

from einlint.linting.judging import RuleError
from einlint.lsp.actions import actions
from einlint.lsp.diagnostics import not_checked, shown
from einlint.lsp.distinct import distinct
from einlint.lsp.document import Document, Opened, script, settings_of
from einlint.lsp.hover import hover
from einlint.unusable import UnusableError

_Message: TypeAlias = dict[str, Any]


class Given(Protocol):
    """A document of python-lsp-server, as far as it is used here."""

    uri: str
    source: str
    version: int | None


@hookimpl  # type: ignore[untyped-decorator, unused-ignore]
def pylsp_lint(document: Given) -> list[_Message]:
    """The findings of a document; why it is not checked, where settings are wrong."""
    try:
        opened = _opened(document)
    except (UnusableError, RuleError) as error:
        return _messages([not_checked(error)])
    if opened is None:
        return []
    (whole,) = opened.documents
    return _messages(shown(each, whole, opened) for each in opened.reported(whole))


@hookimpl  # type: ignore[untyped-decorator, unused-ignore]
def pylsp_code_actions(
    document: Given,
    range: _Message,  # noqa: A002 -- python-lsp-server passes arguments by these names
    context: _Message,
) -> list[_Message]:
    """The code actions at a range."""
    found = _answerable(document)
    if found is None:
        return []
    given = {"textDocument": {"uri": document.uri}, "range": range, "context": context}
    params = get_converter().structure(given, types.CodeActionParams)
    return _messages(distinct(actions(*found, params, are_versioned=False), params.context))


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator, unused-ignore]
def pylsp_hover(document: Given, position: _Message) -> _Message | None:
    """What the call there computes; None elsewhere, so that others are asked."""
    found = _answerable(document)
    place = types.Position(position["line"], position["character"])
    known = None if found is None else hover(*found, place)
    return None if known is None else _messages([known])[0]


def _opened(document: Given) -> Opened | None:
    settings = settings_of(document.uri)
    item = TextDocument(document.uri, document.source, document.version, "python")
    return None if settings is None else script(item, settings)


def _answerable(document: Given) -> tuple[Opened, Document] | None:
    """The checked document; None if it is not checked, which `pylsp_lint` says."""
    try:
        opened = _opened(document)
    except (UnusableError, RuleError):
        return None
    return None if opened is None else (opened, opened.documents[0])


def _messages(found: Iterable[object]) -> list[_Message]:
    """The objects of the protocol as JSON has them."""
    converter = get_converter()
    return [converter.unstructure(each) for each in found]
