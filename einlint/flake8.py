"""The flake8 plugin: runs the rules that flake8 selects on files that flake8 reads."""

import ast
import gc
import os
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from einlint import __version__
from einlint.linting.front import may_hold_words
from einlint.project.configuration import Project
from einlint.project.overrides import Overrides
from einlint.project.resolver import resolver, settings_for
from einlint.project.walk import is_excluded_though_named
from einlint.settings import Settings

# The rest is imported by the first file that may have a finding.
if TYPE_CHECKING:
    from einlint.linting.findings import Findings

Violation: TypeAlias = tuple[int, int, str, type["Plugin"]]
"""Line from 1, column from 0, text that starts with the code, and a type that flake8 ignores."""

_ALL: Final = "EIN"


@dataclass(frozen=True, slots=True)
class Plugin:
    """One file that flake8 has read and parsed; flake8 fills the fields by their names.

    tree: of the text in `lines`, for other plugins too: nothing is changed in it. flake8 itself
        reports files that have none.
    """

    tree: ast.Module
    filename: str
    lines: Sequence[str]

    name: ClassVar[str] = "einlint"
    version: ClassVar[str] = __version__
    _options: ClassVar[Namespace]
    # Both are the same for all files, and found by the first that needs them.
    _project_of: ClassVar[Callable[[], Callable[[str], Project]]]
    _shown: ClassVar[Callable[[], Sequence[str]]]

    @classmethod
    def parse_options(cls, options: Namespace) -> None:
        """Keep the options; flake8 calls this once in every process, before any file."""
        cls._options = options
        cls._project_of = staticmethod(cache(lambda: _project_finder(options)))
        cls._shown = staticmethod(cache(lambda: _shown_codes(options)))

    def run(self) -> Iterator[Violation]:
        """The findings; for a file that cannot be checked, the reason, in line 0 as flake8 does.

        Nothing is raised: after an exception in one process, flake8 may wait for ever.
        """
        text = "".join(self.lines)
        try:
            found = self._found(text)
        except Exception as error:  # noqa: BLE001 -- see above
            from einlint.linting.judging import in_one_line
            from einlint.source.prefilter import may_call_einsum

            # That is EIN000, unless only other codes are selected.
            codes = Plugin._shown()[:1] if may_call_einsum(text) else ()
            reason = in_one_line(error)
            yield from ((0, 0, f"{code} not checked: {reason}", Plugin) for code in codes)
            return
        if found is None:
            return
        _keep_from_the_collector()
        for each in found.reported:
            start = found.place(each).start
            yield start.row, start.column - 1, f"{each.code} {each.message}", Plugin

    def _found(self, text: str) -> "Findings | None":
        """The findings; None if there is nothing to check."""
        path = os.path.abspath(self.filename)
        project = Plugin._project_of()(os.path.dirname(path))
        settings = settings_for(path, project)
        if not may_hold_words(text.encode(errors="surrogatepass"), settings):
            return None
        from einlint.linting.engine import check_parsed
        from einlint.linting.shortened import hidden_findings
        from einlint.linting.wanted import may_hold_facts
        from einlint.source.file import SourceFile
        from einlint.source.finder import parsed_with
        from einlint.source.gc_pause import gc_paused

        settings = _only(Plugin._shown(), settings)
        if not settings.select or not may_hold_facts(text, settings):
            return None
        if is_excluded_though_named(path, project):
            return None
        source = SourceFile(self.filename, text)
        with gc_paused():
            is_brief = not settings.pedantic
            hidden = hidden_findings(source, settings, is_brief=is_brief)
            if hidden is not None:
                return hidden
            functions = settings.functions
            parsed = parsed_with(self.tree, source, functions, is_brief=is_brief)
            return check_parsed(parsed, settings)


@cache
def _keep_from_the_collector() -> None:
    """Have the collector of garbage leave alone what is loaded by now, for the rest of the process.

    It runs often while flake8 reads files, and would look at all rules again each time.
    """
    gc.freeze()


def _project_finder(options: Namespace) -> Callable[[str], Project]:
    named = tuple(_named(options))
    over = Overrides({"extend_select": named, "force_exclude": True})
    return resolver(over, None, isolated=False)


def _shown_codes(options: Namespace) -> list[str]:
    """The codes of the rules whose findings flake8 shows."""
    from flake8.style_guide import Decision, DecisionEngine

    from einlint.rulebook.selection import all_rules

    decide = DecisionEngine(options).decision_for
    return [rule.code for rule in all_rules() if decide(rule.code) is Decision.Selected]


def _only(shown: Sequence[str], settings: Settings) -> Settings:
    """The settings that select exactly the rules that flake8 shows.

    So rules of last resort run on every call for which flake8 would show nothing else.
    """
    from einlint.rulebook.selection import selected_rules

    codes = [rule.code for rule in selected_rules(settings)]
    select = tuple(code for code in codes if code in shown)
    return replace(settings, select=select, extend_select=(), ignore=())


def _named(options: Namespace) -> Iterator[str]:
    """The codes and prefixes in flake8's options that select rules which are off by default.

    flake8 can turn codes off by default itself, but that does not work here: any `ignore` replaces
    its list, `E` is a prefix of `EIN`, and `[tool.einlint]` could not select codes in it. `EIN`
    alone only turns the plugin on; it does not select the rules that are off by default.
    """
    for code in (*(options.select or ()), *(options.extend_select or ())):
        if len(code) > len(_ALL) and code.startswith(_ALL):
            from einlint.rulebook.selection import all_rules

            if any(rule.code.startswith(code) for rule in all_rules()):
                yield code
