"""GitIgnore: what git ignores below a folder; the only place that imports pathspec."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from os.path import exists, isfile  # in a folder that may not be entered there is nothing
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec

_IN_A_FOLDER: Final = "ps_d"


@dataclass(frozen=True, slots=True)
class _Rules:
    """What one ignore file says of files, and of folders, in `folder`."""

    folder: Path
    files: GitIgnoreSpec
    folders: GitIgnoreSpec

    def verdict(self, path: Path, *, is_folder: bool) -> bool | None:
        """Whether the path is ignored; None where no pattern speaks of it.

        The last pattern that means the path itself decides: those that mean a folder above it
        (pathspec marks them) have been asked about that folder.
        """
        name = path.relative_to(self.folder).as_posix()
        for pattern in reversed((self.folders if is_folder else self.files).patterns):
            found = pattern.match_file(name)
            if found is not None and not found.match.groupdict().get(_IN_A_FOLDER):
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
            OSError: an ignore file cannot be read.
        """
        own = _read(folder, folder / ".gitignore")
        if exists(folder / ".git"):
            return GitIgnore((*own, *_read(folder, folder / ".git" / "info" / "exclude")))
        return GitIgnore((*own, *self.files))


def around(folder: Path, current: Path) -> GitIgnore:
    """The files above `folder`, up to the repository's root; where there is none, to `current`.

    A folder that is ignored itself was asked for all the same: then they do not count.

    Raises:
        OSError: an ignore file cannot be read.
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
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
        yield _rules(folder, [row.removesuffix("\r") for row in text.split("\n")])


def _rules(folder: Path, rows: list[str]) -> _Rules:
    """The patterns of an ignore file, so that pathspec need not guess what is a folder.

    A pattern with `/` at its end speaks of folders only. `a/**` speaks of what is in `a`.
    """
    lines = [re.sub(r"(?<=/)\*\*(/?) *$", r"**/*\1", row) for row in rows]
    of_folders = re.compile(r"/ *$")
    files = [line for line in lines if not of_folders.search(line)]
    return _Rules(folder, _spec(files), _spec([of_folders.sub("", line) for line in lines]))


def _spec(lines: list[str]) -> GitIgnoreSpec:
    """The patterns of the lines; git passes over a line that is none."""
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
