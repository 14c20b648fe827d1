"""GitIgnore: what git ignores below a folder; the only place that imports pathspec."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from os.path import exists, isfile  # in a folder that may not be entered there is nothing
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec

from einlint.unusable import naming

# pathspec takes a pattern for every file below what it means, too. With a mark behind pattern and
# path, which no path can hold, it means the path itself and nothing else.
_MARK: Final = "\0"


@dataclass(frozen=True, slots=True)
class _Rules:
    """What one ignore file says of files, and of folders, in `folder`."""

    folder: Path
    files: GitIgnoreSpec
    folders: GitIgnoreSpec

    def verdict(self, path: Path, *, is_folder: bool) -> bool | None:
        """Whether the path is ignored; None where no pattern speaks of it.

        The last pattern that means the path itself decides: those that mean a folder above it
        have been asked about that folder.
        """
        name = path.relative_to(self.folder).as_posix() + _MARK
        for pattern in reversed((self.folders if is_folder else self.files).patterns):
            if pattern.match_file(name) is not None:
                return pattern.include
        return None


@dataclass(frozen=True, slots=True)
class GitIgnore:
    """The ignore files that reach into a folder, the innermost first.

    Who asks walks from above and does not enter what is ignored, as
    git does: what lies in an ignored folder cannot come back.
    """

    files: tuple[_Rules, ...] = ()

    def ignores(self, path: Path, *, is_folder: bool) -> bool:
        """Whether git ignores an absolute path whose parents it does not ignore."""
        for rules in self.files:
            verdict = rules.verdict(path, is_folder=is_folder)
            if verdict is not None:
                return verdict
        return False

    def inside(self, folder: Path) -> "GitIgnore":
        """With the files of `folder` as well; a repository begins anew.

        Raises:
            UnusableError: an ignore file cannot be read.
        """
        own = _read(folder, folder / ".gitignore")
        if exists(folder / ".git"):
            return GitIgnore((*own, *_read(folder, folder / ".git" / "info" / "exclude")))
        return GitIgnore((*own, *self.files))


def around(folder: Path, current: Path) -> GitIgnore:
    """The files above `folder`, up to the repository's root; where there is none, to `current`.

    A folder that is ignored itself was asked for all the same: then they do not count.

    Raises:
        UnusableError: an ignore file cannot be read.
    """
    ignored = GitIgnore()
    for outer, inner in pairwise(_way(folder, current)):
        ignored = ignored.inside(outer)
        if ignored.ignores(inner, is_folder=True):
            return GitIgnore()
    return ignored


def _way(folder: Path, current: Path) -> list[Path]:
    """The folders from the outermost that has a say down to `folder`."""
    upwards = (folder, *folder.parents)
    tops = (each for each in upwards if exists(each / ".git"))
    top = next(tops, current if current in upwards else folder)
    return [each for each in reversed(upwards) if each.is_relative_to(top)]


def _read(folder: Path, path: Path) -> Iterator[_Rules]:
    if isfile(path):
        with naming(path):
            text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
        yield _rules(folder, path, [row.removesuffix("\r") for row in text.split("\n")])


def _rules(folder: Path, path: Path, rows: list[str]) -> _Rules:
    """The patterns of an ignore file, so that pathspec need not guess what is a folder.

    A pattern with `/` at its end speaks of folders only. `a/**` speaks of what is in `a`.
    """
    patterns = [_without_spaces(row) for row in rows]
    lines = [re.sub(r"(?<=/)\*\*(/?)$", r"**/*\1", pattern) for pattern in patterns]
    files = ["" if line.endswith("/") else line for line in lines]
    folders = [line.removesuffix("/") for line in lines]
    return _Rules(folder, _spec(path, files), _spec(path, folders))


def _without_spaces(row: str) -> str:
    """The row without the spaces at its end; one behind a backslash belongs to the name."""
    text = row.rstrip(" ")
    return f"{text} " if text != row and _ends_in_a_backslash(text) else text


def _ends_in_a_backslash(text: str) -> bool:
    """Whether the last character is a backslash that no other one escapes."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _spec(path: Path, lines: list[str]) -> GitIgnoreSpec:
    """The patterns of the lines; git passes over a line that is none.

    Raises:
        UnusableError: a line is a pattern for git, and cannot be one here.
    """
    marked = list(map(_marked, lines))
    with warnings.catch_warnings(action="ignore"):  # what Python thinks of `[[` is not ours to tell
        try:
            return GitIgnoreSpec.from_lines(marked)
        except (ValueError, RecursionError, OverflowError, re.error):
            known = (each for each in enumerate(marked, 1) if _is_pattern(path, *each))
            return GitIgnoreSpec.from_lines([line for _, line in known])


def _marked(line: str) -> str:
    """The pattern with the mark; nothing for what git takes for none."""
    # What a backslash at the end escapes would be the mark.
    return "" if line in ("", "!") or line[0] == "#" or _ends_in_a_backslash(line) else line + _MARK


def _is_pattern(path: Path, number: int, line: str) -> bool:
    with naming(f"{path}:{number}"):
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            return False
        return True
