"""The settings of a folder: settings files, overridden by the command line."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from einlint.project.configuration import Project, project_in, project_of
from einlint.project.overrides import Overrides
from einlint.rulebook.selection import fixable_rules, selected_rules, without
from einlint.settings import Settings
from einlint.unusable import errors_at


def resolver(
    overrides: Overrides, config: Path | None, *, isolated: bool
) -> Callable[[Path], Project]:
    """A function from an absolute folder to its project; raises UnusableError."""

    def found(folder: Path) -> Project:
        if config is not None:
            return project_in(config, Path.cwd())
        return Project(folder, Settings()) if isolated else project_of(folder)

    @cache
    def find(folder: Path) -> Project:
        project = found(folder)
        place = project.sources[-1] if project.sources else project.root
        with errors_at(f"the settings of {place}"):
            _check_codes(project.settings)
        settings = overrides.over(project.settings)
        _check_codes(settings)
        return replace(project, settings=settings)

    return find


def settings_for(file: Path, project: Project) -> Settings:
    """The settings of a project for one of its files, an absolute path."""
    return without(project.settings, project.ignored_in(file))


def _check_codes(settings: Settings) -> None:
    """Check that every code belongs to a rule, even if no file uses it."""
    selected_rules(settings)
    fixable_rules(settings)
    for _, codes in settings.per_file_ignores:
        without(settings, codes)
