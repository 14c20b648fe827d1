"""Walk: find the files to visit below the paths that a user names."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from os.path import exists, isdir, isfile, join  # they do not raise
from typing import TYPE_CHECKING, Final, TypeAlias

from einlint.project.configuration import Project
from einlint.project.globs import parents
from einlint.project.special_names import GIT
from einlint.project.suffixes import SOURCES
from einlint.project.sweeping import is_temporary, sweep

if TYPE_CHECKING:
    from einlint.project.gitignore import GitIgnore

_ENDINGS: Final = tuple(SOURCES)

Ignored: TypeAlias = "GitIgnore | None"
"""None: git ignores nothing, and the module that knows its rules is not loaded."""
_Entry: TypeAlias = tuple[str, str, bool, Ignored]
"""Path as the user names it, absolute path, whether it is a folder, and what git ignores in it."""


class Walk:
    """From paths to files. The project of each folder decides what is excluded.

    On the way it sweeps the temporary files of runs that were killed. Paths are plain strings:
    objects would take longer than the search of the files.

    project_of: the project of an absolute folder.
    noting: a context, given a path, that records an error with it; such a folder is skipped.
    """

    __slots__ = ("_noting", "_project_of")

    def __init__(
        self,
        project_of: Callable[[str], Project],
        noting: Callable[[str], AbstractContextManager[None]],
    ) -> None:
        self._project_of = project_of
        self._noting = noting

    def files(self, path: str) -> Iterator[tuple[str, str]]:
        """The path itself if it is a file, else the Python files below it, sorted.

        Each comes as the user names it, and as an absolute path. Links to folders are not
        followed, so the walk always ends.
        """
        path = _normal(path)
        left: list[Iterator[_Entry]] = []
        with self._noting(path):
            left = [iter(self._start(path))]
        while left:  # not recursive: folders may be nested deeper than Python's recursion limit
            for found, place, is_folder, ignored in left[-1]:
                if is_folder:
                    left.append(iter(self._inside(found, place, ignored)))
                    break
                yield found, place
            else:
                left.pop()

    def _start(self, path: str) -> list[_Entry]:
        """The path, with git's ignore files if it is a folder; nothing if it is excluded."""
        place, is_folder = os.path.abspath(path), isdir(path)
        project = self._project_of(place if is_folder else os.path.dirname(place))
        if is_excluded_though_named(place, project):
            return []
        if not is_folder or not project.settings.respect_gitignore:
            return [(path, place, is_folder, None)]
        return [(path, place, True, _ignored_above(place))]

    def _inside(self, path: str, place: str, above: Ignored) -> list[_Entry]:
        """The entries to visit in a folder, in order; nothing if it cannot be read."""
        with self._noting(path):
            return list(self._entries(path, place, above))
        return []

    def _entries(self, path: str, place: str, above: Ignored) -> Iterator[_Entry]:
        """The files to visit in a folder, and its folders with their ignore files."""
        project = self._project_of(place)
        with os.scandir(path) as found:
            entries = {entry.name: entry for entry in found}
        ignored = None
        if project.settings.respect_gitignore:
            ignored = above if GIT.isdisjoint(entries) else _ignored_inside(place, above)
        excluded = project.excluded
        before = "" if path == "." else join(path, "")
        above_names = join(place, "")
        for name in sorted(entries):
            entry = entries[name]
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and (not name.endswith(_ENDINGS) or name in SOURCES):
                if name.endswith(".tmp") and is_temporary(name):
                    sweep(entry.path)
                continue
            inside = above_names + name
            if name in excluded.names or (not excluded.are_names and excluded.match(inside)):
                continue
            if ignored is not None and ignored.ignores(inside, is_folder=is_folder):
                continue
            if is_folder:
                yield before + name, inside, True, ignored
            elif entry.is_file(follow_symlinks=False) or isfile(entry.path):
                yield before + name, inside, False, None


def is_excluded_though_named(place: str, project: Project) -> bool:
    """Whether --force-exclude excludes this absolute path, named by the user; git has no effect."""
    return project.settings.force_exclude and project.excluded.match_within(place, os.getcwd())


def _normal(path: str) -> str:
    """The path without `.`, and without `/` that say nothing."""
    if path in (".", "/"):
        return path
    if path and "//" not in path and "./" not in path and not path.endswith(("/", "/.")):
        return path
    from pathlib import Path

    return str(Path(path))


def _ignored_above(folder: str) -> Ignored:
    """What the ignore files above a folder say of its content."""
    named = (join(above, name) for above in (folder, *parents(folder)) for name in GIT)
    if not any(map(exists, named)):
        return None
    from einlint.project.gitignore import gitignore_above

    return gitignore_above(folder, os.getcwd())


def _ignored_inside(folder: str, above: Ignored) -> Ignored:
    """The same with the ignore files of the folder added."""
    from einlint.project.gitignore import GitIgnore

    found = (above or GitIgnore()).inside(folder)
    return found if found.files else None
