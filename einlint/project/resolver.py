"""The settings of a folder: settings files, overridden by the command line."""

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from einlint.project.configuration import Project, project_in, project_of
from einlint.project.overrides import Overrides
from einlint.rulebook.selection import fixable_rules, selected_rules, without
from einlint.settings import Settings
from einlint.unusable import errors_at

if TYPE_CHECKING:
    from pathlib import Path


def resolver(
    overrides: Overrides, config: "Path | None", *, isolated: bool
) -> Callable[[str], Project]:
    """A function from an absolute folder to its project; raises UnusableError."""

    @cache
    def configured(file: "Path") -> Project:
        return project_in(file, os.getcwd())

    defaults = Settings()

    def found(folder: str) -> Project:
        if config is not None:
            return configured(config)
        return Project(folder, defaults) if isolated else project_of(folder)

    @cache
    def overridden(settings: Settings) -> Settings:
        finished = overrides.over(settings)
        _check_codes(finished)
        return finished

    @cache
    def find(folder: str) -> Project:
        project = found(folder)
        place = project.sources[-1] if project.sources else project.root
        with errors_at(f"the settings of {place}"):
            _check_codes(project.settings)
        settings = overridden(project.settings)
        return project if settings is project.settings else project._replace(settings=settings)

    return find


def settings_for(file: str, project: Project) -> Settings:
    """The settings of a project for one of its files, an absolute path."""
    codes = project.ignored_in(file)
    return without(project.settings, codes) if codes else project.settings


def _check_codes(settings: Settings) -> None:
    """Check that every code belongs to a rule, even if no file uses it."""
    if not settings.names_codes:
        return  # without looking for the rules
    selected_rules(settings)
    fixable_rules(settings)
    for _, codes in settings.per_file_ignores:
        without(settings, codes)
