"""Verified: the rewrites that a report of verify vouches for, and the findings they fix."""

from collections.abc import Iterable
from dataclasses import dataclass

from einlint.diagnostics import Diagnostic
from einlint.linting.pairing import UnpairableError, pair_of
from einlint.source.facts.einsum_call import EinsumCall


@dataclass(frozen=True, slots=True)
class Verified:
    """Rewrites as pairs of texts, the call and its replacement, over names for the operands.

    claim: what every case of them was found to be, for people: `faster`.
    """

    claim: str
    pairs: frozenset[tuple[str, str]]

    def among(self, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The findings whose fix is one of the rewrites."""
        return tuple(each for each in found if self._vouches(each))

    def _vouches(self, diagnostic: Diagnostic) -> bool:
        """Whether one reading is verified; operands of one text make several."""
        if diagnostic.fix is None or not isinstance(diagnostic.fact, EinsumCall):
            return False
        try:
            pair = pair_of(diagnostic.fact.site, diagnostic.fix)
        except UnpairableError:
            return False
        return any((pair.original, reading) in self.pairs for reading in pair.readings)
