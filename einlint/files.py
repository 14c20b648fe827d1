"""Files on disk: which of them to visit, and writing one without ever leaving half of it."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from einlint.config import Project
from einlint.settings import SettingsError

SUFFIXES: Final = frozenset({".py", ".pyi"})

# Folders that hold other people's code, or none.
ALWAYS_EXCLUDED: Final = frozenset(
    {
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        "__pycache__",
        "__pypackages__",
        "_build",
        "build",
        "dist",
        "node_modules",
        "site-packages",
        "venv",
    }
)


def python_files(
    path: Path,
    project_of: Callable[[Path], Project],
    on_failure: Callable[[OSError | SettingsError], None],
) -> Iterator[Path]:
    """The path itself if it is no folder, else the Python files below it, sorted.

    Excluded files and folders are left out. Links to folders are not followed, so there is no
    way to run in circles. A folder that cannot be read, or whose settings are wrong, is told to
    `on_failure` and left out.
    """
    if not path.is_dir():
        yield path
        return
    try:
        project = project_of(absolute(path))
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except (OSError, SettingsError) as error:
        on_failure(error)
        return
    for entry in entries:
        place = path / entry.name
        if _is_excluded(place, project):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from python_files(place, project_of, on_failure)
        elif place.suffix in SUFFIXES and place.is_file():
            yield place


def absolute(path: Path) -> Path:
    """The path from the root, its links left as they are."""
    return Path(os.path.abspath(path))


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the content of a file: afterwards it holds all of the old bytes or all of the new.

    A link stays a link, and the mode bits stay.

    Raises:
        OSError: the file or its folder does not take it; the file is as it was.
    """
    target = path.resolve()
    status = target.stat()
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{path} is read-only")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(PermissionError):
            os.chown(temporary, status.st_uid, status.st_gid)
        temporary.chmod(stat.S_IMODE(status.st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def is_excluded(path: Path, project: Project) -> bool:
    """Whether a file, or a folder between it and the project's root, is excluded.

    For files that somebody else chose: below a folder, `python_files` never gets there.
    """
    place = absolute(path)
    folders = (each for each in place.parents if each.is_relative_to(project.root))
    return any(_is_excluded(each, project) for each in (place, *folders) if each != project.root)


def _is_excluded(path: Path, project: Project) -> bool:
    """Patterns name a file or folder, or a path from the project's root."""
    if path.name in ALWAYS_EXCLUDED:
        return True
    patterns = [pattern.rstrip("/") for pattern in project.settings.exclude]
    if not patterns:
        return False
    try:
        from_root = absolute(path).relative_to(project.root).as_posix()
    except ValueError:
        from_root = path.as_posix()
    return any(fnmatch(path.name, each) or fnmatch(from_root, each) for each in patterns)
