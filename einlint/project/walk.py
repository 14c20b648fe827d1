"""Walk: which files are visited for the paths that a user names."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from einlint.project.configuration import Project
from einlint.project.files import NOTEBOOK, absolute
from einlint.project.gitignore import GitIgnore, around
from einlint.settings import SettingsError

_SUFFIXES: Final = frozenset({".py", ".pyi", NOTEBOOK})


@dataclass(frozen=True, slots=True)
class Walk:
    """From paths to files. What is excluded is a question to the project of each folder.

    on_failure: is told of a folder that cannot be read, or whose settings are wrong; it is left
        out.
    """

    project_of: Callable[[Path], Project]
    on_failure: Callable[[OSError | SettingsError], None]

    def files(self, path: Path) -> Iterator[Path]:
        """The path itself if it is no folder, else the Python files below it, sorted.

        Links to folders are not followed, so there is no way to run in circles.
        """
        place = absolute(path)
        is_folder = path.is_dir()
        try:
            project = self.project_of(place if is_folder else place.parent)
            ignored = GitIgnore()
            if is_folder and project.settings.respect_gitignore:
                ignored = around(place, Path.cwd())
        except (OSError, SettingsError) as error:
            self.on_failure(error)
            return
        if is_excluded_though_named(place, project):
            return
        if is_folder:
            yield from self._below(path, ignored)
        else:
            yield path

    def _below(self, path: Path, above: GitIgnore) -> Iterator[Path]:
        place = absolute(path)
        try:
            project = self.project_of(place)
            ignored = above.inside(place) if project.settings.respect_gitignore else GitIgnore()
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except (OSError, SettingsError) as error:
            self.on_failure(error)
            return
        patterns = project.excluded
        for entry in entries:
            found, inside = path / entry.name, place / entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and found.suffix not in _SUFFIXES:
                continue
            if patterns.match(inside) or ignored.ignores(inside, is_folder=is_folder):
                continue
            if is_folder:
                yield from self._below(found, ignored)
            elif found.is_file():
                yield found


def is_excluded_though_named(place: Path, project: Project) -> bool:
    """Whether --force-exclude keeps out an absolute path that was named; git has no say here."""
    return project.settings.force_exclude and project.excluded.match_within(place, Path.cwd())
