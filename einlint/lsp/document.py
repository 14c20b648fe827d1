"""Document: one text in the editor; Opened: a script, or all cells of a notebook together."""

import os
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from lsprotocol import types
from pygls.uris import to_fs_path, uri_scheme
from pygls.workspace import PositionCodec, TextDocument

from einlint.diagnostics import Applicability, Diagnostic, Edit
from einlint.linting.engine import check_parsed, fix, read_python, read_text
from einlint.linting.findings import Findings
from einlint.linting.second_reading import SecondReading
from einlint.linting.suppression.read import Suppressions, read_suppressions
from einlint.lsp.composed import composed
from einlint.lsp.positions import range_in
from einlint.project.configuration import project_of
from einlint.project.overrides import Overrides
from einlint.project.resolver import resolver, settings_for
from einlint.project.walk import is_excluded_though_named
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall
from einlint.source.finder import ParsedFile
from einlint.source.lines import LineIndex


@dataclass(frozen=True, slots=True)
class Document:
    """One text in the editor; `start` is its offset in the checked text."""

    uri: str
    version: int | None
    codec: PositionCodec
    lines: LineIndex
    start: int = 0

    def holds(self, offset: int) -> bool:
        """Whether an offset of the checked text lies in this document, or at its end."""
        return self.start <= offset <= self.start + len(self.lines.text)

    def range(self, start: int, end: int) -> types.Range:
        """Convert offsets in the checked text into a range of the editor."""
        return range_in(self.lines, start - self.start, end - self.start, self.codec)


@dataclass(frozen=True, slots=True)
class Opened:
    """A script or notebook, which is checked and fixed as a whole.

    noun: "file" or "notebook".
    lines: the lines of the checked text; it differs from the documents where cells have magics.
    calls: the einsum calls in it.
    fixed: returns the edits of all safe fixes, in order.
    suppressions: returns the comments that silence findings; like `fixed`, it reads them once.
    second: what libcst has read of it, and of the text before it, to confirm fixes.
    """

    noun: str
    documents: tuple[Document, ...]
    settings: Settings
    lines: LineIndex
    findings: Findings
    calls: tuple[EinsumCall, ...]
    fixed: Callable[[], Sequence[Edit]]
    suppressions: Callable[[], Suppressions]
    second: SecondReading = field(default_factory=SecondReading)

    def document(self, uri: str) -> Document | None:
        """The document with this URI."""
        return next((each for each in self.documents if each.uri == uri), None)

    def reported(self, document: Document) -> tuple[Diagnostic, ...]:
        """The findings in one of the documents that are shown there."""
        return tuple(each for each in self._in(document) if not each.is_hidden)

    def hidden(self, document: Document) -> tuple[Diagnostic, ...]:
        """The findings in one of the documents that only `--pedantic` reports."""
        return tuple(each for each in self._in(document) if each.is_hidden)

    def is_confirmed(self, finding: Diagnostic) -> bool:
        """Whether two readers of Python agree about all that the fix of a finding rests on."""
        return not self.second.is_doubtful([finding], self.lines.text)

    def _in(self, document: Document) -> tuple[Diagnostic, ...]:
        found, end = self.findings.diagnostics, document.start + len(document.lines.text)
        first = bisect_left(found, document.start, key=lambda each: each.start)
        return found[first : bisect_right(found, end, key=lambda each: each.start)]


def script(item: TextDocument, settings: Settings) -> Opened:
    """Check a script.

    Raises:
        SettingsError: the settings select an unknown rule.
        RuleError: a rule failed.
    """
    lines = LineIndex.of(item.source)
    source = read_text(path_of(item.uri), lines.text, settings)
    read = source if isinstance(source, Findings) else read_python(source, settings)
    found = read if isinstance(read, Findings) else check_parsed(read, settings)
    document = Document(item.uri, item.version, item.position_codec, lines)

    @cache
    def fixed() -> Sequence[Edit]:
        if isinstance(source, Findings):
            return []
        return composed(len(lines.text), fix(source, settings, Applicability.SAFE).rounds)

    return Opened(
        "file", (document,), settings, lines, found, calls_in(read), fixed, suppressions_in(lines)
    )


def calls_in(read: ParsedFile | Findings) -> tuple[EinsumCall, ...]:
    """The einsum calls of a parsed file; empty if it was not parsed."""
    return () if isinstance(read, Findings) else read.facts(EinsumCall)


def suppressions_in(lines: LineIndex) -> Callable[[], Suppressions]:
    """A function that reads the comments that silence findings when it is first called."""
    return cache(lambda: read_suppressions(lines))


def path_of(uri: str) -> str:
    """The path of a file; the URI itself for other texts."""
    return to_fs_path(uri) or uri


def settings_of(uri: str) -> Settings | None:
    """Read the settings for a path again, as they may have changed; None: do not check it."""
    name = to_fs_path(uri)
    if not name:
        return Settings() if uri_scheme(uri) in ("file", "untitled") else None
    path = os.path.abspath(name)
    project_of.cache_clear()
    project = resolver(Overrides({"force_exclude": True}), None, isolated=False)(
        os.path.dirname(path)
    )
    return None if is_excluded_though_named(path, project) else settings_for(path, project)
