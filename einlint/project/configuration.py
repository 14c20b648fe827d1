"""Find the settings of a folder: the nearest pyproject.toml or einlint.toml that has any."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from os.path import isfile  # of a folder that may not be entered it says no, and raises nothing
from pathlib import Path
from typing import Final, TypeAlias

from einlint.project.globs import Patterns
from einlint.settings import EXTEND, Settings, SettingsError, settings_of

_Table: TypeAlias = Mapping[str, object]
_PYPROJECT: Final = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of a tree of folders. Patterns in them are relative to `root`.

    sources: the files that the settings come from; of two the later counts more.
    """

    root: Path
    settings: Settings
    sources: tuple[Path, ...] = ()

    @property
    def excluded(self) -> Patterns:
        """What is not visited."""
        return Patterns(self.root, (*self.settings.exclude, *self.settings.extend_exclude))

    def ignored_in(self, file: Path) -> tuple[str, ...]:
        """The codes that are not reported in this file, an absolute path, beside `ignore`."""
        here = Path.cwd()
        return tuple(
            code
            for pattern, codes in self.settings.per_file_ignores
            if Patterns(self.root, (pattern,)).match_within(file, here)
            for code in codes
        )


@cache
def project_of(folder: Path) -> Project:
    """The project that `folder`, an absolute path, belongs to; the defaults if to none.

    Raises:
        SettingsError: a configuration file cannot be read or says what it cannot say.
    """
    for place in (folder, *folder.parents):
        for path in (place / "einlint.toml", place / _PYPROJECT):
            table = _table(path) if isfile(path) else None
            if table is not None:
                return _project(path, table, path.parent)
    return Project(folder, Settings())


def project_in(path: Path, root: Path) -> Project:
    """The project with the settings of one file, wherever that is.

    Raises:
        SettingsError: the file cannot be read, has no settings, or says what it cannot say.
    """
    return _project(path, _table_in(path), root)


def _project(path: Path, table: _Table, root: Path) -> Project:
    chain = _chain(path, table)
    merged: dict[str, object] = {}
    for source, own in chain:
        try:
            settings_of(own)
        except SettingsError as error:
            raise SettingsError(f"{source}: {error}") from error
        merged |= {key: _with_base(key, merged.get(key), value) for key, value in own.items()}
    return Project(root, settings_of(merged), tuple(source for source, _ in chain))


def _with_base(key: str, base: object, value: object) -> object:
    """What is said again replaces what was said; the keys that extend something add to it."""
    adds = key.startswith("extend-") and isinstance(base, list) and isinstance(value, list)
    return [*base, *value] if adds else value  # type: ignore[misc]


def _chain(
    path: Path, table: _Table, behind: tuple[Path, ...] = ()
) -> tuple[tuple[Path, _Table], ...]:
    """The file behind all those that it extends, each with what it says itself."""
    if path.resolve() in behind:
        raise SettingsError(f"{path}: `extend` leads back to this file")
    own = {key: value for key, value in table.items() if key != EXTEND}
    if EXTEND not in table:
        return ((path, own),)
    named = table[EXTEND]
    if not isinstance(named, str):
        raise SettingsError(f"{path}: `extend` is the path of a settings file, not {named!r}")
    base = path.parent / Path(named).expanduser()
    if not isfile(base):
        raise SettingsError(f"{path}: `extend` names `{named}`, and there is no such file")
    return (*_chain(base, _table_in(base), (*behind, path.resolve())), (path, own))


def _table_in(path: Path) -> _Table:
    table = _table(path)
    if table is None:
        raise SettingsError(f"{path}: there is no [tool.einlint] in it")
    return table


def _table(path: Path) -> _Table | None:
    """The settings in a file; None for a pyproject.toml that has none."""
    content = _read(path)
    if path.name != _PYPROJECT:
        return content
    tool = content.get("tool", {})
    table = tool.get("einlint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{path}: `tool.einlint` is a table, not {table!r}")
    return table


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from error
