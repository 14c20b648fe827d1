"""Find the settings of a folder: the nearest pyproject.toml or einlint.toml with settings."""

import os
from collections.abc import Mapping
from functools import cache

# None of these raises: for a folder without access rights `isfile` is false.
from os.path import dirname, expanduser, isfile, join, realpath
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from einlint.project.globs import Patterns, parents
from einlint.project.special_names import OWN_SETTINGS, PYPROJECT
from einlint.rulebook.selection import layered
from einlint.settings import EXTEND, Settings, SettingsError, fields_of, settings_of
from einlint.unusable import errors_at

if TYPE_CHECKING:
    from pathlib import Path

_Table: TypeAlias = Mapping[str, object]
# project_of recurses over at most this many folders at once.
_STRIDE: Final = 100
_APPENDED: Final = frozenset({"extend_exclude", "extend_assume"})


class Project(NamedTuple):
    """The settings of a folder tree. Patterns in them are relative to `root`.

    root: an absolute path.
    sources: the files that the settings come from; later files override earlier ones.
    """

    root: str
    settings: Settings
    sources: tuple["Path", ...] = ()

    @property
    def excluded(self) -> Patterns:
        """The patterns of files and folders that are not visited."""
        return Patterns(self.root, (*self.settings.exclude, *self.settings.extend_exclude))

    def ignored_in(self, file: str) -> tuple[str, ...]:
        """The codes that `per-file-ignores` turns off in this file, an absolute path."""
        if not self.settings.per_file_ignores:
            return ()
        here = os.getcwd()
        return tuple(
            code
            for pattern, codes in self.settings.per_file_ignores
            if Patterns(self.root, (pattern,)).match_within(file, here)
            for code in codes
        )


@cache
def project_of(folder: str) -> Project:
    """The project of `folder`, an absolute path; default settings if there is none.

    Raises:
        UnusableError: a configuration file cannot be read, or contains an invalid value.
    """
    for place in reversed(parents(folder)[_STRIDE - 1 :: _STRIDE]):
        # Fills the cache from the top: deep folders must not exceed Python's recursion limit.
        project_of(place)
    for name in (OWN_SETTINGS, PYPROJECT):
        path = join(folder, name)
        if isfile(path):
            found = _in_file(path, folder)
            if found is not None:
                return found
    outer = dirname(folder)
    above = None if outer == folder else project_of(outer)
    if above is not None and above.sources:
        return above
    return Project(folder, _defaults() if above is None else above.settings)


@cache
def _defaults() -> Settings:
    return Settings()


def _in_file(path: str, folder: str) -> Project | None:
    from pathlib import Path  # a run without settings files has no use for it

    place = Path(path)
    table = _table(place)
    return None if table is None else _project(place, table, folder)


def project_in(path: "Path", root: str) -> Project:
    """The project with the settings of one file (`--config`).

    Raises:
        UnusableError: the file cannot be read, has no settings, or contains an invalid value.
    """
    return _project(path, _table_in(path), root)


def _project(path: "Path", table: _Table, root: str) -> Project:
    chain = _chain(path, table)
    (base, lowest), *others = chain
    with errors_at(base):
        settings = settings_of(lowest)
    for source, own in others:
        with errors_at(source):
            settings = layered(settings, _over(settings, fields_of(own)))
    return Project(root, settings, tuple(source for source, _ in chain))


def _over(base: Settings, above: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a file over those of its base: later values override, `extend-*` append."""
    return {
        name: (*getattr(base, name), *value) if name in _APPENDED else value
        for name, value in above.items()
    }


def _chain(
    path: "Path", table: _Table, seen: tuple[str, ...] = ()
) -> tuple[tuple["Path", _Table], ...]:
    """The files that this file extends, outermost first, then itself; each with its own keys."""
    place = realpath(path)
    if place in seen:
        raise SettingsError(f"{path}: `extend` leads back to this file")
    own = {key: value for key, value in table.items() if key != EXTEND}
    if EXTEND not in table:
        return ((path, own),)
    named = table[EXTEND]
    if not isinstance(named, str):
        raise SettingsError(f"{path}: `extend` must be the path of a settings file, not {named!r}")
    base = path.parent / expanduser(named)  # an unknown `~name` is kept as it is
    if not isfile(base):
        raise SettingsError(f"{path}: `extend` names `{named}`, which does not exist")
    return (*_chain(base, _table_in(base), (*seen, place)), (path, own))


def _table_in(path: "Path") -> _Table:
    table = _table(path)
    if table is None:
        raise SettingsError(f"{path}: it has no [tool.einlint] table")
    return table


def _table(path: "Path") -> _Table | None:
    """The settings in a file; None for a pyproject.toml that has none."""
    content = _read(path)
    if path.name != PYPROJECT:
        return content
    tool = content.get("tool", {})
    table = tool.get("einlint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{path}: `tool.einlint` must be a table, not {table!r}")
    return table


def _read(path: "Path") -> dict[str, object]:
    import tomllib

    with errors_at(path):
        return tomllib.loads(path.read_text(encoding="utf-8"))
