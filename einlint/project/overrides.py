"""Overrides: options of the command line that replace settings of every folder."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from einlint.project.globs import rooted
from einlint.rulebook.selection import layered
from einlint.settings import Settings, declared


class Overrides(NamedTuple):
    """The settings given as options, by field name; others are absent."""

    values: Mapping[str, Any] = {}

    @property
    def named_codes(self) -> tuple[str, ...]:
        """The rule codes, prefixes and ALL that options select."""
        return (*self.values.get("select", ()), *self.values.get("extend_select", ()))

    def over(self, settings: Settings) -> Settings:
        """The settings of a file with these on top.

        Raises:
            SettingsError: a code or prefix of an option matches no rule.
        """
        if not self.values:
            return settings
        changes: dict[str, Any] = {}
        for key, setting in declared().items():
            name, option = key.replace("-", "_"), setting.option
            if option is None or name not in self.values:
                continue
            value = self.values[name]
            if option.is_relative:
                value = tuple(rooted(glob, os.getcwd()) for glob in value)
            if option.adds:
                value = (*getattr(settings, name), *value)
            changes[name] = value
        return layered(settings, changes)
