"""Document: one text of the editor; Opened: a script, or the cells of a notebook together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pygls.uris import to_fs_path, uri_scheme
from pygls.workspace import PositionCodec, TextDocument

from einlint.diagnostics import Applicability, Diagnostic
from einlint.linting.engine import CheckResult, check, fix, read_text
from einlint.project.configuration import project_of
from einlint.project.files import absolute
from einlint.project.overrides import Overrides
from einlint.project.resolver import resolver, settings_for
from einlint.project.walk import is_excluded_though_named
from einlint.settings import Settings
from einlint.source.file import SourceFile
from einlint.source.lines import LineIndex


@dataclass(frozen=True, slots=True)
class Document:
    """One text of the editor.

    code: the text as Python, as long as that; another one in a cell with magics.
    source: the module it is in; None where there is nothing in it to look at, or it cannot be read.
    rows: how many rows of the module are before it.
    diagnostics: what check finds in it.
    """

    uri: str
    version: int | None
    codec: PositionCodec
    lines: LineIndex
    code: LineIndex
    settings: Settings
    source: SourceFile | None
    rows: int
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """What is checked and fixed as one.

    noun: what it is.
    fixed: makes the texts of the documents after all safe fixes.
    """

    noun: str
    documents: tuple[Document, ...]
    fixed: Callable[[], Sequence[str]]

    def document(self, uri: str) -> Document | None:
        """The document with this URI."""
        return next((each for each in self.documents if each.uri == uri), None)


def script(item: TextDocument) -> Opened | None:
    """The script with its findings; None where it is excluded, or not a file nor untitled.

    Raises:
        SettingsError: the settings for its path are wrong.
        RuleError: a rule failed.
    """
    settings = settings_of(item.uri)
    if settings is None:
        return None
    lines = LineIndex.of(item.source)
    read = read_text(path_of(item.uri), lines.text, settings)
    source, result = (
        (None, read) if isinstance(read, CheckResult) else (read, check(read, settings))
    )
    start = (item.uri, item.version, item.position_codec, lines, lines)
    document = Document(*start, settings, source, 0, result.diagnostics)
    return Opened("file", (document,), lambda: [_fixed(document)])


def _fixed(document: Document) -> str:
    if document.source is None:
        return document.lines.text
    return fix(document.source, document.settings, Applicability.SAFE).text


def path_of(uri: str) -> str:
    """The path of a file, and of what is none the URI itself."""
    return to_fs_path(uri) or uri


def settings_of(uri: str) -> Settings | None:
    """The settings for a path, read anew: a file with them may have changed; None: leave it."""
    name = to_fs_path(uri)
    if not name:
        return Settings() if uri_scheme(uri) in ("file", "untitled") else None
    path = absolute(Path(name))
    project_of.cache_clear()
    project = resolver(Overrides(force_exclude=True), None, isolated=False)(path.parent)
    return None if is_excluded_though_named(path, project) else settings_for(path, project)
