"""Walk: find the files to visit below the paths that a user names."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from os.path import isdir, isfile  # they do not raise
from pathlib import Path

from einlint.project.configuration import Project
from einlint.project.files import SOURCES, absolute
from einlint.project.gitignore import GitIgnore, gitignore_above
from einlint.project.temporaries import is_temporary, sweep


@dataclass(frozen=True, slots=True)
class Walk:
    """From paths to files. The project of each folder decides what is excluded.

    On the way it sweeps the temporary files of runs that were killed.

    noting: a context, given a path, that records an error with it; such a folder is skipped.
    """

    project_of: Callable[[Path], Project]
    noting: Callable[[str], AbstractContextManager[None]]

    def files(self, path: Path) -> Iterator[Path]:
        """The path itself if it is a file, else the Python files below it, sorted.

        Links to folders are not followed, so the walk always ends.
        """
        left: list[tuple[Path, GitIgnore | None]] = []
        with self.noting(str(path)):
            left = self._start(path)
        while left:  # not recursive: folders may be nested deeper than Python's recursion limit
            found, ignored = left.pop()
            if ignored is None:
                yield found
            else:
                left += reversed(self._inside(found, ignored))

    def _start(self, path: Path) -> list[tuple[Path, GitIgnore | None]]:
        """The path, with git's ignore files if it is a folder; nothing if it is excluded."""
        place, is_folder = absolute(path), isdir(path)
        project = self.project_of(place if is_folder else place.parent)
        if is_excluded_though_named(place, project):
            return []
        if not is_folder:
            return [(path, None)]
        if not project.settings.respect_gitignore:
            return [(path, GitIgnore())]
        return [(path, gitignore_above(place, Path.cwd()))]

    def _inside(self, path: Path, above: GitIgnore) -> list[tuple[Path, GitIgnore | None]]:
        """The entries to visit in a folder, in order; nothing if it cannot be read."""
        with self.noting(str(path)):
            return list(self._entries(path, above))
        return []

    def _entries(self, path: Path, above: GitIgnore) -> Iterator[tuple[Path, GitIgnore | None]]:
        """The files to visit in a folder, and its folders with their ignore files."""
        place = absolute(path)
        project = self.project_of(place)
        ignored = above.inside(place) if project.settings.respect_gitignore else GitIgnore()
        patterns = project.excluded
        for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
            found, inside = path / entry.name, place / entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and found.suffix not in SOURCES:
                if is_temporary(entry.name):
                    sweep(found)
                continue
            if patterns.match(inside) or ignored.ignores(inside, is_folder=is_folder):
                continue
            if is_folder:
                yield found, ignored
            elif isfile(found):
                yield found, None


def is_excluded_though_named(place: Path, project: Project) -> bool:
    """Whether --force-exclude excludes this absolute path, named by the user; git has no effect."""
    return project.settings.force_exclude and project.excluded.match_within(place, Path.cwd())
