"""The flake8 plugin: the findings of the rules that flake8 selects, in a file that flake8 read."""

import ast
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final, TypeAlias

from flake8.exceptions import ExecutionError
from flake8.style_guide import Decision, DecisionEngine

from einlint import __version__
from einlint.config import Project, project_of
from einlint.diagnostics import Diagnostic
from einlint.engine import RuleError, check
from einlint.files import absolute
from einlint.rulebook.selection import all_rules, selected_rules, without
from einlint.settings import Settings, SettingsError
from einlint.source.file import SourceFile
from einlint.source.prefilter import may_call_einsum

Violation: TypeAlias = tuple[int, int, str, type["Plugin"]]
"""Row from 1, column from 0, text that starts with the code, and what flake8 never looks at."""

_ALL: Final = "EIN"


@dataclass(frozen=True, slots=True)
class Plugin:
    """One file that flake8 read and Python parsed; flake8 asks for every field by its name.

    tree: not looked at; asking for it makes flake8 call us once a file, and not for one that
        Python cannot parse, of which flake8 tells itself.
    """

    tree: ast.AST
    filename: str
    lines: Sequence[str]

    name: ClassVar[str] = "einlint"
    version: ClassVar[str] = __version__
    _options: ClassVar[Namespace]

    @classmethod
    def parse_options(cls, options: Namespace) -> None:
        """Keep the options; flake8 calls this in each of its processes, before any file."""
        cls._options = options

    def run(self) -> Iterator[Violation]:
        """The findings.

        Raises:
            ExecutionError: the settings are wrong, or a rule failed.
        """
        text = "".join(self.lines)
        if not may_call_einsum(text.encode()):
            return
        try:
            found = self._found(text)
        except (SettingsError, RuleError) as error:
            raise ExecutionError(f"einlint: {error}") from error
        for each in found:
            start = each.range.start
            yield start.row, start.column - 1, f"{each.code} {each.message}", Plugin

    def _found(self, text: str) -> Sequence[Diagnostic]:
        path = absolute(Path(self.filename))
        project = project_of(path.parent)
        if project.excluded.match_within(path):
            return ()
        settings = without(_under(self._options, project), project.ignored_in(path))
        if not settings.select:
            return ()
        return check(SourceFile(self.filename, text), settings).diagnostics


def _under(options: Namespace, project: Project) -> Settings:
    """The settings of a project, with just those rules selected that flake8 reports.

    So a rule of last resort is asked about every call that flake8 would show no finding of.
    """
    try:
        selected_rules(project.settings)
    except SettingsError as error:
        raise SettingsError(f"the settings of {project.root}: {error}") from error
    added = (*project.settings.extend_select, *_named(options))
    settings = replace(project.settings, extend_select=added)
    decide = DecisionEngine(options).decision_for
    codes = [rule.code for rule in selected_rules(settings)]
    reported = tuple(code for code in codes if decide(code) is Decision.Selected)
    return replace(settings, select=reported, extend_select=(), ignore=())


def _named(options: Namespace) -> Iterator[str]:
    """The codes and prefixes of ours with which flake8's options switch on rules that are off.

    flake8's own list of codes that are off by default would not do: any `ignore` replaces it, `E`
    is a prefix of ours, and `[tool.einlint]` could not switch on what is in it. `EIN` alone says
    that the plugin is on, not that each of its opinions is wanted.
    """
    for code in (*(options.select or ()), *(options.extend_select or ())):
        is_ours = any(rule.code.startswith(code) for rule in all_rules())
        if is_ours and len(code) > len(_ALL):
            yield code
