"""--add-ignore: the comments that silence every finding which is left, written into the text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from einlint.diagnostics import Diagnostic, Edit
from einlint.linting.engine import CheckResult, check
from einlint.linting.fixes import spliced
from einlint.linting.judging import RuleError
from einlint.linting.suppression.edits import with_codes
from einlint.linting.suppression.read import Suppression, Suppressions, suppressions_of
from einlint.settings import Settings, SettingsError
from einlint.source.file import SourceFile, keeps_encoding
from einlint.source.finder import UnparsableError, parse_file
from einlint.source.lines import LineIndex

# A file that cannot be read takes no comment, and a comment about comments helps nobody.
_NEVER_IGNORED: Final = frozenset({"EIN000", "EIN901"})


@dataclass(frozen=True, slots=True)
class IgnoreResult:
    """The text with its comments, how many were written or extended, and what is still heard.

    edits: those that led to the text.
    """

    text: str
    comments: int
    remaining: CheckResult
    edits: tuple[Edit, ...] = ()


def ignore(source: SourceFile, settings: Settings, reason: str) -> IgnoreResult:
    """Silence what a check reports, by `# einlint: ignore[...]` on the rows of each finding.

    Raises:
        RuleError: a rule failed, or the comments left text that Python cannot parse.
        SettingsError: the file's encoding does not take the reason.
    """
    result = check(source, settings)
    lines = LineIndex.of(source.text)
    comments = list(_comments(result.diagnostics, reason, lines))
    if not comments:
        return IgnoreResult(source.text, 0, result)
    edits = [edit for each in comments for edit in each]
    after = replace(source, text=spliced(source.text, edits))
    _verify(after)
    return IgnoreResult(after.text, len(comments), check(after, settings), tuple(edits))


def edits_about(diagnostic: Diagnostic, lines: LineIndex) -> list[Edit]:
    """The comment that silences one finding, without a reason; none where none can stand."""
    return [edit for each in _comments([diagnostic], "", lines) for edit in each]


def _verify(after: SourceFile) -> None:
    try:
        parse_file(after)
        is_kept = keeps_encoding(after)
    except UnparsableError as error:
        raise RuleError(f"{after.filename}: the comments broke the file: {error.reason}") from error
    except UnicodeEncodeError:
        is_kept = False
    if not is_kept:
        what = f"the file in {after.encoding} does not take the reason"
        raise SettingsError(f"{after.filename}: {what}; give --add-ignore another one")


def _comments(
    diagnostics: Iterable[Diagnostic], reason: str, lines: LineIndex
) -> Iterator[list[Edit]]:
    """The edits of each comment."""
    suppressions = suppressions_of(lines)
    by_place: dict[int | Suppression, set[str]] = {}
    for each in diagnostics:
        place = _place(each, suppressions)
        if place is not None:
            by_place.setdefault(place, set()).add(each.code)
    for place, codes in by_place.items():
        if isinstance(place, Suppression):
            inserted = with_codes(place, sorted(codes), reason, lines)
            yield [_edit(at, at, content, lines) for at, content in inserted]
        else:
            yield [_appended(place, sorted(codes), reason, lines)]


def _place(diagnostic: Diagnostic, suppressions: Suppressions) -> int | Suppression | None:
    """The comment that can name one code more, or else the row for a new comment."""
    if diagnostic.code in _NEVER_IGNORED:
        return None
    for each in suppressions.about(diagnostic.range):
        if each.codes and not (each.is_noqa or each.is_for_file):
            return each
    return suppressions.comments.row_for(diagnostic.range.end.row)


def _appended(row: int, codes: list[str], reason: str, lines: LineIndex) -> Edit:
    """A comment at the end of the row, in place of the white space there."""
    end = lines.end(row)
    start = end - len(lines.line(row)) + len(lines.line(row).rstrip(" \t\f"))
    content = f"  # einlint: ignore[{', '.join(codes)}] {reason}".rstrip()
    return _edit(start, end, content, lines)


def _edit(start: int, end: int, content: str, lines: LineIndex) -> Edit:
    return Edit(start, end, content, lines.range(start, end))
