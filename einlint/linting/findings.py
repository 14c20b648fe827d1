"""Findings: the result of checking one document; Change: the result of fixing it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from einlint.diagnostics import Diagnostic, Edit, Misspelt, UnusedImport
from einlint.source.lines import Text, TextMap
from einlint.source.places import Place


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings in one document, and how many of its calls no rule can judge.

    places: turns the offsets of the diagnostics into lines, columns and cells.
    unknown_equations: calls whose equation is not literal.
    changed_since_trace: recorded calls whose source has changed since the run.
    misspelt: the comments that are meant to silence findings and do not.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    places: TextMap = field(default_factory=lambda: Text(is_shown=False))
    unknown_equations: int = 0
    changed_since_trace: int = 0
    misspelt: tuple[Misspelt, ...] = ()

    def place(self, diagnostic: Diagnostic) -> Place:
        """The place of one of the diagnostics, for people."""
        return self.places.place(diagnostic.start, diagnostic.end).seen

    def without_facts(self) -> "Findings":
        """The same without facts, which keep whole syntax trees in memory; can be pickled."""
        return replace(self, diagnostics=without_facts(self.diagnostics))


@dataclass(frozen=True, slots=True)
class Change:
    """A text after fixes or added comments, and the findings that remain.

    fixed: the diagnostics that were fixed.
    rounds: the edits that led to the text; each round edits the text of the round before.
    comments: how many comments were written or extended.
    unused: the imports that the fixes have left unused.
    """

    text: str
    remaining: Findings
    fixed: tuple[Diagnostic, ...] = ()
    rounds: tuple[tuple[Edit, ...], ...] = ()
    comments: int = 0
    unused: tuple[UnusedImport, ...] = ()

    def without_facts(self) -> "Change":
        """The same without facts; can be pickled."""
        fixed, remaining = without_facts(self.fixed), self.remaining.without_facts()
        return replace(self, fixed=fixed, remaining=remaining)


def without_facts(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics without their facts; the descriptions of the facts stay."""
    return tuple(replace(each, fact=None) for each in diagnostics)
