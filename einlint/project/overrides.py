"""Overrides: what the command line says over the settings of every folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from einlint.project.globs import rooted
from einlint.settings import Settings, declared


@dataclass(frozen=True, slots=True)
class Overrides:
    """The settings that options give, by the names of their fields; those not given are absent."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def over(self, settings: Settings) -> Settings:
        """The settings of a configuration with these on top, as their declarations say."""
        changes: dict[str, Any] = {}
        for key, setting in declared().items():
            name, option = key.replace("-", "_"), setting.option
            if option is None or name not in self.values:
                continue
            value = self.values[name]
            if option.is_relative:
                value = tuple(rooted(each, Path.cwd()) for each in value)
            if option.adds:
                value = (*changes.get(name, getattr(settings, name)), *value)
            changes |= {name: value, **{each: getattr(Settings(), each) for each in option.resets}}
        return replace(settings, **changes)
