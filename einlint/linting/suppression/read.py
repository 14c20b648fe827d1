"""Text -> suppressions: the comments that silence findings, and where they do."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from einlint.linting.suppression.misspelt import OTHER_MARKER, leads, starts_with_code, way_out
from einlint.source.comments import Comment, Comments, comments_of
from einlint.source.lines import LineIndex

PREFIX: Final = "EIN"

# The first and the last of some lines.
LineRange: TypeAlias = tuple[int, int]

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
    r"(?P<rest>.*?)(?=\s*#[ \tA-Za-z]|\s*$)",
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
    is_prose: other words stand before it in its comment.
    """

    line: int
    start: int
    end: int
    codes: tuple[Code, ...]
    is_blanket: bool
    is_for_file: bool = False
    is_noqa: bool = False
    fault: str | None = None
    is_prose: bool = False


@dataclass(frozen=True, slots=True)
class Suppressions:
    """All suppressions of a text in order, those of them for the whole file, and its comments."""

    lines: LineIndex
    found: tuple[Suppression, ...]
    for_file: tuple[Suppression, ...]
    comments: Comments
    _known: dict[tuple[str, LineRange | None], tuple[Suppression | Code, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def about(self, start: int, end: int) -> Iterator[Suppression]:
        """The suppressions that apply to a call at text[start:end], and not to the whole file."""
        for first, last in self._lines_about(start, end):
            yield from self._on(first, last)

    def silencing(self, code: str, start: int, end: int) -> Iterator[Suppression | Code]:
        """What silences a finding of `code` about a call: codes that match it, blanket comments."""
        for lines in self.where(start, end):
            yield from self.matching(code, lines)

    def where(self, start: int, end: int) -> Iterator[LineRange | None]:
        """Where that stands which silences a finding about a call; None is the whole file."""
        yield from self._lines_about(start, end)
        yield None

    def matching(self, code: str, where: LineRange | None) -> tuple[Suppression | Code, ...]:
        """What silences findings of `code`, of what stands on some lines or is for the file.

        Many findings have the same lines, and all have the same file: both are searched once.
        """
        key = code, where
        if key not in self._known:
            among = self.for_file if where is None else self._on(*where)
            self._known[key] = tuple(_matching(code, among))
        return self._known[key]

    def last_line(self, offset: int) -> int | None:
        """The last line of the statement, or of the header of a compound one, at an offset."""
        around = self.comments.statement_at(offset)
        return None if around is None else self._open_line(around.end)

    def _lines_about(self, start: int, end: int) -> Iterator[LineRange]:
        """The lines of a call, and the last line of the statement or header around it.

        Formatters move comments there.
        """
        first, last = self.lines.line_number(start), self._open_line(end)
        yield first, last
        line = self.last_line(start)
        if line is not None and line > last:
            yield line, line

    def _on(self, first: int, last: int) -> Iterator[Suppression]:
        """Those on some lines that hold only there."""
        start = bisect_left(self.found, first, key=lambda each: each.line)
        stop = bisect_right(self.found, last, key=lambda each: each.line)
        for each in self.found[start:stop]:
            if not (each.fault or each.is_for_file):
                yield each

    def _open_line(self, end: int) -> int:
        """The line of an offset or, if that cannot take a comment, the next one that can."""
        line = self.lines.line_number(end)
        return self.comments.line_for(line) or line


def read_suppressions(lines: LineIndex) -> Suppressions:
    """Find the suppressions of a text, in order."""
    comments = comments_of(lines)
    listed = (each for comment in comments.found for each in _in(comment))
    found = tuple(sorted(listed, key=lambda each: each.start))
    for_file = tuple(each for each in found if each.is_for_file and not each.fault)
    return Suppressions(lines, found, for_file, comments)


def _matching(code: str, among: Iterable[Suppression]) -> Iterator[Suppression | Code]:
    for each in among:
        if each.is_blanket:
            yield each
        yield from (named for named in each.codes if named.matches(code))


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
            yield _ignore(comment, match, is_for_file=True)
    for match in OTHER_MARKER.finditer(comment.text):
        if leads(comment, match.start()):
            start, end = comment.start + match.start(), comment.start + match.end()
            fault = way_out(comment, match[0])
            yield Suppression(comment.line, start, end, (), is_blanket=False, fault=fault)


def _noqa(comment: Comment, match: re.Match[str], *, is_for_file: bool) -> Suppression:
    codes = _codes(comment, match, _NOQA_CODE)
    start, end = comment.start + match.start(), comment.start + match.end()
    return Suppression(comment.line, start, end, codes, not codes, is_for_file, is_noqa=True)


def _ignore(comment: Comment, match: re.Match[str], *, is_for_file: bool = False) -> Suppression:
    fault = None
    if match["codes"] is not None and match["close"] is None:
        fault = "it has no `]` behind its codes"
    elif match["codes"] is None and starts_with_code(match["rest"]):
        fault = way_out(comment, match[0])
    elif is_for_file and not comment.is_alone:
        fault = "it must stand on a line of its own"
    return Suppression(
        comment.line,
        comment.start + match.start(),
        comment.start + match.end(),
        _codes(comment, match, _LISTED),
        is_blanket=match["codes"] is None,
        is_for_file=is_for_file,
        fault=fault,
        is_prose=not leads(comment, match.start()),
    )


def _codes(comment: Comment, match: re.Match[str], form: re.Pattern[str]) -> tuple[Code, ...]:
    if match["codes"] is None:
        return ()
    start = comment.start + match.start("codes")
    return tuple(
        Code(each[0], start + each.start(), start + each.end())
        for each in form.finditer(match["codes"])
    )
