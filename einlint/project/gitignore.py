"""GitIgnore: the files and folders that git ignores; the only module that imports pathspec."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from os.path import exists, isfile, join  # false in a folder without access rights
from typing import TYPE_CHECKING, Final, TypeAlias

from einlint.project.globs import parents
from einlint.project.without_backtracking import quick
from einlint.unusable import errors_at

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# pathspec applies a pattern to every file below a match too. With a mark at the end of pattern and
# path, a character that no path can contain, it matches the path itself and nothing else.
_MARK: Final = "\0"

_Pattern: TypeAlias = tuple[re.Pattern[str], bool]


@dataclass(frozen=True, slots=True)
class _Rules:
    """The patterns of one ignore file in `folder`, for files and for folders; the last first.

    Each is a regex, and whether what it matches is ignored.
    """

    folder: str
    files: tuple[_Pattern, ...]
    folders: tuple[_Pattern, ...]

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether the path is ignored; None if no pattern matches it.

        The last pattern that matches the path itself decides. Patterns that match a folder above
        it were applied when the walk reached that folder.
        """
        name = path[len(self.folder) :].lstrip("/") + _MARK
        for regex, is_ignored in self.folders if is_folder else self.files:
            if regex.match(name):
                return is_ignored
        return None


@dataclass(frozen=True, slots=True)
class GitIgnore:
    """The ignore files that apply to a folder, innermost first.

    The caller walks from the top and does not enter ignored folders, as git does: a pattern cannot
    re-include a file in an ignored folder.
    """

    files: tuple[_Rules, ...] = ()

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether git ignores an absolute path; its parent folders must not be ignored."""
        for rules in self.files:
            verdict = rules.verdict(path, is_folder=is_folder)
            if verdict is not None:
                return verdict
        return False

    def inside(self, folder: str) -> "GitIgnore":
        """With the ignore files of `folder` added; the root of a repository starts afresh.

        Raises:
            UnusableError: an ignore file cannot be read.
        """
        own = _read(folder, join(folder, ".gitignore"))
        if exists(join(folder, ".git")):
            return GitIgnore((*own, *_read(folder, join(folder, ".git", "info", "exclude"))))
        return GitIgnore((*own, *self.files))


def gitignore_above(folder: str, current: str) -> GitIgnore:
    """The ignore files above `folder`, up to the root of the repository, else to `current`.

    If the user named an ignored folder, ignore files above it do not apply.

    Raises:
        UnusableError: an ignore file cannot be read.
    """
    ignored = GitIgnore()
    for outer, inner in pairwise(_folders_down_to(folder, current)):
        ignored = ignored.inside(outer)
        if ignored.ignores(inner, is_folder=True):
            return GitIgnore()
    return ignored


def _folders_down_to(folder: str, current: str) -> list[str]:
    """The folders from the outermost one with ignore files that apply, down to `folder`."""
    upwards = [folder, *parents(folder)]
    tops = (above for above in upwards if exists(join(above, ".git")))
    top = next(tops, current if current in upwards else folder)
    return upwards[upwards.index(top) :: -1]


def _read(folder: str, path: str) -> Iterator[_Rules]:
    if isfile(path):
        with errors_at(path), open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
            text = file.read()
        yield _rules(folder, path, [line.removesuffix("\r") for line in text.split("\n")])


def _rules(folder: str, path: str, texts: list[str]) -> _Rules:
    """The patterns of an ignore file, split so that pathspec need not guess what is a folder.

    A pattern with `/` at its end matches folders only. `a/**` matches the content of `a`.
    """
    patterns = [_without_spaces(text) for text in texts]
    lines = [re.sub(r"(?<=/)\*\*(/?)$", r"**/*\1", pattern) for pattern in patterns]
    files = ["" if line.endswith("/") else line for line in lines]
    folders = [line.removesuffix("/") for line in lines]
    return _Rules(folder, _patterns(path, files), _patterns(path, folders))


def _without_spaces(line: str) -> str:
    """The line without trailing spaces; a space after a backslash belongs to the name."""
    text = line.rstrip(" ")
    return f"{text} " if text != line and _ends_in_a_backslash(text) else text


def _ends_in_a_backslash(text: str) -> bool:
    """Whether the last character is a backslash that no other one escapes."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _patterns(path: str, lines: list[str]) -> tuple[_Pattern, ...]:
    """The patterns of the lines, the last first.

    Raises:
        UnusableError: pathspec cannot read a line that git can.
    """
    if not any(map(_marked, lines)):
        return ()  # as in most `.git/info/exclude`
    found = reversed(_spec(path, lines).patterns)
    end = re.escape(_MARK)
    return tuple((quick(each.regex, end), bool(each.include)) for each in found if each.regex)


def _spec(path: str, lines: list[str]) -> "GitIgnoreSpec":
    """The patterns of the lines; lines that are no pattern for git are skipped.

    Raises:
        UnusableError: pathspec cannot read a line that git can.
    """
    from pathspec import GitIgnoreSpec

    marked = list(map(_marked, lines))
    # Python warns about `[[` in a regex; users cannot act on that.
    with warnings.catch_warnings(action="ignore"):
        try:
            return GitIgnoreSpec.from_lines(marked)
        except (ValueError, RecursionError, OverflowError, re.error):
            known = (each for each in enumerate(marked, 1) if _is_pattern(path, *each))
            return GitIgnoreSpec.from_lines([line for _, line in known])


def _marked(line: str) -> str:
    """The pattern with the mark; an empty text for a line that git skips."""
    # A backslash at the end would escape the mark.
    return "" if line in ("", "!") or line[0] == "#" or _ends_in_a_backslash(line) else line + _MARK


def _is_pattern(path: str, number: int, line: str) -> bool:
    from pathspec import GitIgnoreSpec

    with errors_at(f"{path}:{number}"):
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            return False
        return True
