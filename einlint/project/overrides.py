"""Overrides: what the command line says over the settings of every folder."""

from dataclasses import dataclass, replace
from pathlib import Path

from einlint.project.globs import rooted
from einlint.settings import Settings


@dataclass(frozen=True, slots=True)
class Overrides:
    """The options that are settings too; empty or None leaves a setting as it is."""

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fixable: tuple[str, ...] = ()
    unfixable: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool | None = None
    respect_gitignore: bool | None = None

    def over(self, settings: Settings) -> Settings:
        """The settings of a configuration with these on top."""
        return self._with_files(self._with_codes(settings))

    def _with_codes(self, settings: Settings) -> Settings:
        """--select and --fixable start from nothing; the others add."""
        if self.select:
            settings = replace(settings, select=self.select, extend_select=(), ignore=())
        if self.fixable:
            settings = replace(settings, fixable=self.fixable, unfixable=())
        return replace(
            settings,
            unfixable=(*settings.unfixable, *self.unfixable),
            extend_select=(*settings.extend_select, *self.extend_select),
            ignore=(*settings.ignore, *self.ignore),
        )

    def _with_files(self, settings: Settings) -> Settings:
        """Patterns of the command line are meant from where it is run."""
        here = Path.cwd()
        exclude = tuple(rooted(each, here) for each in self.exclude)
        extension = tuple(rooted(each, here) for each in self.extend_exclude)
        return replace(
            settings,
            exclude=exclude or settings.exclude,
            extend_exclude=(*settings.extend_exclude, *extension),
            force_exclude=_first(self.force_exclude, settings.force_exclude),
            respect_gitignore=_first(self.respect_gitignore, settings.respect_gitignore),
        )


def _first(option: bool | None, setting: bool) -> bool:
    return setting if option is None else option
