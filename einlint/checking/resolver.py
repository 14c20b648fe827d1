"""Which settings count for a folder: configuration files with the command line over them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from einlint.checking.overrides import Overrides
from einlint.config import Project, project_of
from einlint.rulebook.selection import selected_rules
from einlint.settings import Settings, SettingsError


def resolver(overrides: Overrides, *, isolated: bool) -> Callable[[Path], Project]:
    """From an absolute folder to its project, which raises SettingsError where it is wrong."""

    @cache
    def find(folder: Path) -> Project:
        project = Project(folder, Settings()) if isolated else project_of(folder)
        try:
            selected_rules(project.settings)
        except SettingsError as error:
            raise SettingsError(f"the settings of {project.root}: {error}") from error
        settings = overrides.over(project.settings)
        selected_rules(settings)
        return replace(project, settings=settings)

    return find
