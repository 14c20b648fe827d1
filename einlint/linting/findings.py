"""Findings: the result of checking one document; Change: the result of fixing it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from einlint.diagnostics import Description, Diagnostic, Edit, Misspelt, Unjudged, UnusedImport
from einlint.source.lines import Text, TextMap
from einlint.source.places import Place

if TYPE_CHECKING:  # most runs have no trace
    from einlint.trace.store import Site


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings in one document, its calls, and why no rule judges some of them.

    diagnostics: all of them, the hidden ones too.
    calls: every call that rules judge, with a finding or without.
    places: turns the offsets of the diagnostics into lines, columns and cells.
    unjudged: the reason for each call that no rule judges.
    changed_since_trace: recorded calls whose source has changed since the run.
    misspelt: the comments that are meant to silence findings and do not.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    places: TextMap = field(default_factory=lambda: Text(is_shown=False))
    unjudged: tuple[Unjudged, ...] = ()
    changed_since_trace: frozenset["Site"] = frozenset()
    misspelt: tuple[Misspelt, ...] = ()
    calls: tuple[Description, ...] = ()

    @property
    def reported(self) -> tuple[Diagnostic, ...]:
        """The findings that a report shows under the settings of the check."""
        return tuple(each for each in self.diagnostics if not each.is_hidden)

    @property
    def applied(self) -> tuple[Diagnostic, ...]:
        """The findings whose fixes may be applied: also those that a reported one speaks for."""
        return tuple(each for each in self.diagnostics if not each.is_hidden or each.is_covered)

    def as_reported(self) -> "Findings":
        """The same without the findings that the settings of the check hide."""
        return replace(self, diagnostics=self.reported)

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
    fixed_at: where each of them starts in the new text.
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
    fixed_at: tuple[int, ...] = ()

    def without_facts(self) -> "Change":
        """The same without facts; can be pickled."""
        fixed, remaining = without_facts(self.fixed), self.remaining.without_facts()
        return replace(self, fixed=fixed, remaining=remaining)


def without_facts(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics without their facts; the descriptions of the facts stay."""
    return tuple(replace(each, fact=None) for each in diagnostics)
