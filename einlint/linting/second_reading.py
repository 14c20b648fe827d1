"""SecondReading: no fix is written where two readers of its text disagree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from einlint.diagnostics import Diagnostic
from einlint.linting.findings import Findings
from einlint.source.two_readers import readers_agree

_NOTE: Final = "not fixed: two readers of Python do not agree where the parts of this call stand"


@dataclass(slots=True)
class SecondReading:
    """The texts that fixes rest on, and what came of reading them once more.

    They are kept as texts, because their places change with every round of fixes.
    """

    _agreed: set[str] = field(default_factory=set)
    _doubted: set[str] = field(default_factory=set)

    def is_doubtful(self, chosen: Iterable[Diagnostic], text: str) -> bool:
        """Read what these fixes rest on; whether any of it is read in two ways."""
        texts = {each for diagnostic in chosen for each in _texts(diagnostic, text)}
        doubted = {each for each in texts - self._agreed if not readers_agree(each)}
        self._doubted |= doubted
        self._agreed |= texts - doubted
        return bool(doubted)

    def confirmed(self, found: Iterable[Diagnostic], text: str) -> tuple[Diagnostic, ...]:
        """The findings without those whose fixes are in doubt."""
        return tuple(each for each in found if not self._is_doubted(each, text))

    def with_notes(self, found: Findings, text: str) -> Findings:
        """The same, with a note on every fix that is in doubt."""
        if not self._doubted:
            return found
        diagnostics = (
            replace(each, notes=(*each.notes, _NOTE)) if self._is_doubted(each, text) else each
            for each in found.diagnostics
        )
        return replace(found, diagnostics=tuple(diagnostics))

    def _is_doubted(self, diagnostic: Diagnostic, text: str) -> bool:
        return bool(self._doubted) and not self._doubted.isdisjoint(_texts(diagnostic, text))


def _texts(diagnostic: Diagnostic, text: str) -> Iterator[str]:
    """The texts that a fix replaces, and those of the calls that it takes its operands from."""
    if diagnostic.fix is None or not diagnostic.fix.edits:
        return
    yield text[diagnostic.start : diagnostic.end]
    for start, end in (*diagnostic.spans, *diagnostic.covers):
        yield text[start:end]
    for edit in diagnostic.fix.edits:
        yield text[edit.start : edit.end]
