"""--add-ignore: write comments that silence every remaining finding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from einlint.diagnostics import Diagnostic, Edit
from einlint.linting.engine import check
from einlint.linting.findings import Change, Findings
from einlint.linting.fixes import spliced
from einlint.linting.judging import RuleError
from einlint.linting.suppression.place import EndOfLine, InCall, new_place
from einlint.linting.suppression.read import Suppression, Suppressions, read_suppressions
from einlint.settings import Settings, SettingsError
from einlint.source.file import SourceFile, keeps_encoding
from einlint.source.finder import UnparsableError, parse_file
from einlint.source.lines import LineIndex

# EIN000: a file that cannot be read takes no comment. EIN901: remove the comment instead.
_NEVER_IGNORED: Final = frozenset({"EIN000", "EIN901"})


def add_ignore(source: SourceFile, settings: Settings, reason: str) -> Change:
    """Silence every finding of a check by a comment `# einlint: ignore[...]`.

    Raises:
        RuleError: a rule failed, or the comments left text that Python cannot parse.
        SettingsError: the file's encoding cannot represent the reason.
    """
    found = check(source, settings)
    lines = LineIndex.of(source.text, source.places)
    silenced = _to_silence(found, settings)
    comments = list(_comments(silenced, reason, lines, read_suppressions(lines)))
    if not comments:
        return Change(source.text, found)
    edits = tuple(edit for each in comments for edit in each)
    after = replace(source, text=spliced(source.text, edits))
    _verify(after)
    remaining = check(after, settings)
    return Change(after.text, remaining, rounds=(edits,), comments=len(comments))


def _to_silence(found: Findings, settings: Settings) -> tuple[Diagnostic, ...]:
    """What is reported, and what is as soon as the finding that speaks for it is silenced."""
    return tuple(
        each
        for each in found.applied
        if not each.is_hidden or settings.pedantic or not each.is_pedantic
    )


def ignore_edits(
    diagnostic: Diagnostic, lines: LineIndex, suppressions: Suppressions
) -> list[Edit]:
    """The edits that write a comment for one finding, without a reason; empty if impossible.

    suppressions: the comments of the text that there are.
    """
    return [edit for each in _comments([diagnostic], "", lines, suppressions) for edit in each]


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
    diagnostics: Iterable[Diagnostic], reason: str, lines: LineIndex, suppressions: Suppressions
) -> Iterator[list[Edit]]:
    """The edits of every comment; findings with one place share a comment."""
    by_place: dict[EndOfLine | InCall | Suppression, set[str]] = {}
    for each in diagnostics:
        place = _comment_place(each, suppressions)
        if place is not None:
            by_place.setdefault(place, set()).add(each.code)
    for place, codes in by_place.items():
        if isinstance(place, Suppression):
            yield add_codes(place, sorted(codes), reason, lines)
        else:
            comment = f"# einlint: ignore[{', '.join(sorted(codes))}] {reason}".rstrip()
            yield [place.edit(comment, lines)]


def _comment_place(
    diagnostic: Diagnostic, suppressions: Suppressions
) -> EndOfLine | InCall | Suppression | None:
    """The comment that can take one more code, or else the place for a new comment."""
    if diagnostic.code in _NEVER_IGNORED or not suppressions.comments.is_sure:
        return None
    place = new_place(diagnostic.start, diagnostic.end, suppressions)
    for each in suppressions.about(diagnostic.start, diagnostic.end):
        # Formatters may part a call from the other comments on its lines.
        is_inside = diagnostic.start < each.start < diagnostic.end
        if each.codes and not each.is_noqa and (is_inside or place == EndOfLine(each.line)):
            return each
    return place


def add_codes(
    suppression: Suppression, codes: Sequence[str], reason: str, lines: LineIndex
) -> list[Edit]:
    """The edits that add codes to a comment with codes; the reason, if the comment has none."""
    named = [code for code in codes if not any(each.text == code for each in suppression.codes)]
    end = suppression.codes[-1].end
    inserted = [Edit(end, end, "".join(f", {code}" for code in named))]
    if reason and lines.text[suppression.end - 1] == "]":
        inserted.append(Edit(suppression.end, suppression.end, f" {reason}"))
    return inserted


def _comment(codes: Iterable[str], reason: str) -> str:
    return f"  # einlint: ignore[{', '.join(sorted(codes))}] {reason}".rstrip()
