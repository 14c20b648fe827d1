"""Document: the text that an editor holds, and the settings for the path that it has."""

from dataclasses import dataclass
from pathlib import Path

from pygls.uris import to_fs_path, uri_scheme
from pygls.workspace import PositionCodec, TextDocument

from einlint.checking.overrides import Overrides
from einlint.checking.resolver import resolver, settings_for
from einlint.config import project_of
from einlint.engine import CheckResult, check, read_text
from einlint.files import absolute
from einlint.lines import LineIndex
from einlint.settings import Settings
from einlint.source.file import SourceFile
from einlint.walk import is_excluded_though_named


@dataclass(frozen=True, slots=True)
class Document:
    """One text of the editor.

    source: None where there is nothing in it to look at, or it cannot be read.
    result: what check finds in it.
    """

    uri: str
    version: int | None
    codec: PositionCodec
    lines: LineIndex
    settings: Settings
    source: SourceFile | None
    result: CheckResult


def looked_at(item: TextDocument) -> Document | None:
    """The document with its findings; None where it is excluded, or not a file nor untitled.

    Raises:
        SettingsError: the settings for its path are wrong.
        RuleError: a rule failed.
    """
    settings = _settings(item.uri)
    if settings is None:
        return None
    text = item.source
    source = read_text(to_fs_path(item.uri) or item.uri, text, settings)
    return Document(
        item.uri,
        item.version,
        item.position_codec,
        LineIndex.of(text),
        settings,
        source if isinstance(source, SourceFile) else None,
        check(source, settings) if isinstance(source, SourceFile) else source,
    )


def _settings(uri: str) -> Settings | None:
    """The settings for a document, read anew: a file with settings may have changed."""
    name = to_fs_path(uri)
    if not name:
        return Settings() if uri_scheme(uri) in ("file", "untitled") else None
    path = absolute(Path(name))
    project_of.cache_clear()
    project = resolver(Overrides(force_exclude=True), None, isolated=False)(path.parent)
    return None if is_excluded_though_named(path, project) else settings_for(path, project)
