"""The flake8 plugin: the findings of the rules that flake8 selects, in a file that flake8 read."""

import ast
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final, TypeAlias

from flake8.style_guide import Decision, DecisionEngine

from einlint import __version__
from einlint.linting.engine import check
from einlint.linting.findings import Findings
from einlint.linting.judging import in_one_line
from einlint.project.files import absolute
from einlint.project.overrides import Overrides
from einlint.project.resolver import resolver, settings_for
from einlint.project.walk import is_excluded_though_named
from einlint.rulebook.selection import all_rules, selected_rules
from einlint.settings import Settings
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
        """The findings; where a file cannot be checked, why, in row 0 as flake8 does it.

        Nothing is raised: an exception in one of several processes can leave flake8 waiting for
        the others for ever.
        """
        text = "".join(self.lines)
        decide = DecisionEngine(self._options).decision_for
        shown = [rule.code for rule in all_rules() if decide(rule.code) is Decision.Selected]
        try:
            found = self._found(text, shown)
        except Exception as error:  # noqa: BLE001 -- see above
            # The first code that flake8 shows is EIN000, unless another one is selected.
            codes = shown[:1] if may_call_einsum(text) else ()
            said = in_one_line(error)
            yield from ((0, 0, f"{code} not checked: {said}", Plugin) for code in codes)
            return
        for each in found.diagnostics:
            start = found.place(each).start
            yield start.row, start.column - 1, f"{each.code} {each.message}", Plugin

    def _found(self, text: str, shown: Sequence[str]) -> Findings:
        path = absolute(Path(self.filename))
        named = tuple(_named(self._options))
        over = Overrides({"extend_select": named, "force_exclude": True})
        project = resolver(over, None, isolated=False)(path.parent)
        settings = _only(shown, settings_for(path, project))
        if not may_call_einsum(text, settings.functions) or not settings.select:
            return Findings()
        if is_excluded_though_named(path, project):
            return Findings()
        return check(SourceFile(self.filename, text), settings)


def _only(shown: Sequence[str], settings: Settings) -> Settings:
    """The settings with just those rules selected that flake8 shows.

    So a rule of last resort is asked about every call that flake8 would show no finding of.
    """
    codes = [rule.code for rule in selected_rules(settings)]
    select = tuple(code for code in codes if code in shown)
    return replace(settings, select=select, extend_select=(), ignore=())


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
