"""Text -> suppressions: the comments that silence findings on a line or in the whole file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from einlint.source.comments import Comment, Comments, comments_of
from einlint.source.lines import LineIndex

PREFIX: Final = "EIN"

_CODES: Final = r"[A-Z]+[0-9]+(?:[,\s]*[A-Z]+[0-9]+)*"
# As in flake8: a noqa whose colon is not followed by codes silences everything.
_NOQA: Final = re.compile(rf"#\s*noqa\b(?:\s*:\s*(?P<codes>{_CODES}))?", re.IGNORECASE)
_FLAKE8: Final = re.compile(
    rf"#\s*flake8[:=]\s*noqa(?:\s*:\s*(?P<codes>{_CODES}),?)?\s*", re.IGNORECASE
)
# The reason goes on to the end of the comment, or to the next comment inside of it.
_IGNORE: Final = re.compile(
    r"#\s*einlint\s*:\s*ignore(?P<file>-file)?(?![\w-])"
    r"(?:\s*\[(?P<codes>[^\]#]*)(?P<close>\])?)?"
    r".*?(?=\s*#[ \tA-Za-z]|\s*$)",
    re.IGNORECASE,
)
_NOQA_CODE: Final = re.compile(r"[A-Z]+[0-9]+", re.IGNORECASE)
_LISTED: Final = re.compile(r"[^,\s](?:[^,]*[^,\s])?")


@dataclass(frozen=True, slots=True)
class Code:
    """A code, or a prefix of codes, as the comment spells it, at text[start:end]."""

    text: str
    start: int
    end: int

    @property
    def is_ours(self) -> bool:
        """Whether it could be a code of einlint; a noqa may name codes of other tools."""
        return self.text.upper().startswith(PREFIX)

    def matches(self, code: str) -> bool:
        """Whether this is `code` or a prefix of it."""
        return self.is_ours and code.startswith(self.text.upper())


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment, or part of one, that silences findings: text[start:end] on `line`.

    codes: the codes it names; empty if it `is_blanket`: then it silences everything.
    is_for_file: it applies to all lines. is_noqa: other tools read it too.
    fault: why it silences nothing, whatever codes it names.
    """

    line: int
    start: int
    end: int
    codes: tuple[Code, ...]
    is_blanket: bool
    is_for_file: bool = False
    is_noqa: bool = False
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Suppressions:
    """All suppressions of a text, and its comments."""

    lines: LineIndex
    found: tuple[Suppression, ...]
    comments: Comments

    def about(self, start: int, end: int) -> Iterator[Suppression]:
        """The suppressions that apply to text[start:end].

        They stand on any of its lines or, if its last line cannot take a comment, on the next
        one that can.
        """
        first, last = self.lines.line_number(start), self.lines.line_number(end)
        last = self.comments.line_for(last) or last
        for each in self.found:
            if not each.fault and (each.is_for_file or first <= each.line <= last):
                yield each

    def silencing(self, code: str, start: int, end: int) -> Iterator[Suppression | Code]:
        """What silences a finding of `code` there: codes that match it, and blanket comments."""
        for each in self.about(start, end):
            if each.is_blanket:
                yield each
            yield from (named for named in each.codes if named.matches(code))


def read_suppressions(lines: LineIndex) -> Suppressions:
    """Find the suppressions of a text, in order."""
    comments = comments_of(lines)
    found = (each for comment in comments.found for each in _in(comment))
    return Suppressions(lines, tuple(sorted(found, key=lambda each: each.start)), comments)


def _in(comment: Comment) -> Iterator[Suppression]:
    whole = _FLAKE8.fullmatch(comment.text)
    if whole and comment.is_alone:
        yield _noqa(comment, whole, is_for_file=True)
    for match in _NOQA.finditer(comment.text):
        yield _noqa(comment, match, is_for_file=False)
    for match in _IGNORE.finditer(comment.text):
        if match["file"] is None:
            yield _ignore(comment, match)
        elif match.start() == 0:  # else the comment only mentions `ignore-file`
            yield _ignore_file(comment, match)


def _noqa(comment: Comment, match: re.Match[str], *, is_for_file: bool) -> Suppression:
    codes = _codes(comment, match, _NOQA_CODE)
    start, end = comment.start + match.start(), comment.start + match.end()
    return Suppression(comment.line, start, end, codes, not codes, is_for_file, is_noqa=True)


def _ignore_file(comment: Comment, match: re.Match[str]) -> Suppression:
    fault = None if comment.is_alone else "must stand on a line of its own"
    return _ignore(comment, match, is_for_file=True, fault=fault)


def _ignore(
    comment: Comment, match: re.Match[str], *, is_for_file: bool = False, fault: str | None = None
) -> Suppression:
    if match["codes"] is not None and match["close"] is None:
        fault = "has no `]` behind its codes"
    start, end = comment.start + match.start(), comment.start + match.end()
    codes = _codes(comment, match, _LISTED)
    is_blanket = match["codes"] is None
    return Suppression(comment.line, start, end, codes, is_blanket, is_for_file, fault=fault)


def _codes(comment: Comment, match: re.Match[str], form: re.Pattern[str]) -> tuple[Code, ...]:
    if match["codes"] is None:
        return ()
    start = comment.start + match.start("codes")
    return tuple(
        Code(each[0], start + each.start(), start + each.end())
        for each in form.finditer(match["codes"])
    )
