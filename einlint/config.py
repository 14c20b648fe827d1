"""Find the settings of a folder: the nearest pyproject.toml or einlint.toml that has any."""

import tomllib
from dataclasses import dataclass
from functools import cache
from os.path import isfile  # of a folder that may not be entered it says no, and raises nothing
from pathlib import Path

from einlint.settings import Settings, SettingsError, settings_of


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of a tree of folders. `exclude` patterns are relative to `root`."""

    root: Path
    settings: Settings


@cache
def project_of(folder: Path) -> Project:
    """The project that `folder`, an absolute path, belongs to; the defaults if to none.

    Raises:
        SettingsError: a configuration file cannot be read or says what it cannot say.
    """
    for place in (folder, *folder.parents):
        for table in (_own_file(place), _pyproject(place)):
            if table is not None:
                return table
    return Project(folder, Settings())


def _own_file(folder: Path) -> Project | None:
    path = folder / "einlint.toml"
    return _project(path, _read(path)) if isfile(path) else None


def _pyproject(folder: Path) -> Project | None:
    path = folder / "pyproject.toml"
    tool = _read(path).get("tool", {}) if isfile(path) else {}
    table = tool.get("einlint") if isinstance(tool, dict) else None
    return _project(path, table) if table is not None else None


def _project(path: Path, table: object) -> Project:
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: `tool.einlint` is a table, not {table!r}")
    try:
        return Project(path.parent, settings_of(table))
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from error
