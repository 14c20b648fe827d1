"""Findings: what is found in one document; Change: what becomes of it, and what remains."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from einlint.diagnostics import Diagnostic, Edit, UnusedImport
from einlint.source.lines import Text, TextMap
from einlint.source.places import Place


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings in one document, and how many of its calls could not be judged.

    places: where people find what stands at the offsets of the diagnostics.
    unknown_equations: calls whose equation is not literal.
    changed_since_trace: recorded calls whose source is another by now.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    places: TextMap = field(default_factory=lambda: Text(is_shown=False))
    unknown_equations: int = 0
    changed_since_trace: int = 0

    def place(self, diagnostic: Diagnostic) -> Place:
        """Where people find one of the diagnostics."""
        return self.places.place(diagnostic.start, diagnostic.end).seen

    def without_facts(self) -> "Findings":
        """The same to keep and to send: facts hold on to the trees of their files."""
        return replace(self, diagnostics=without_facts(self.diagnostics))


@dataclass(frozen=True, slots=True)
class Change:
    """A text after fixes or comments, and what is left to report of it.

    fixed: the diagnostics that were fixed.
    rounds: the edits that led to the text, each of them on the text that those before it made.
    comments: how many comments were written or extended.
    unused: the imports that the fixes have left without a use.
    """

    text: str
    remaining: Findings
    fixed: tuple[Diagnostic, ...] = ()
    rounds: tuple[tuple[Edit, ...], ...] = ()
    comments: int = 0
    unused: tuple[UnusedImport, ...] = ()

    def without_facts(self) -> "Change":
        """The same to keep and to send."""
        fixed, remaining = without_facts(self.fixed), self.remaining.without_facts()
        return replace(self, fixed=fixed, remaining=remaining)


def without_facts(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics with what is said of their facts, and not those."""
    return tuple(replace(each, fact=None) for each in diagnostics)
