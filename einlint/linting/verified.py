"""Verified: the rewrites that a report of `einlint verify` confirms, and the findings they fix."""

from collections.abc import Iterable
from dataclasses import dataclass

from einlint.diagnostics import Diagnostic
from einlint.linting.pairing import UnpairableError, pair_of
from einlint.source.facts.einsum_call import EinsumCall


@dataclass(frozen=True, slots=True)
class Verified:
    """Rewrites as pairs of texts, call and replacement, over names for the operands.

    claim: the verdict of every case of them, for people: `faster`.
    """

    claim: str
    pairs: frozenset[tuple[str, str]]

    def among(self, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The findings whose fix is one of the rewrites."""
        return tuple(each for each in found if self._confirms(each))

    def _confirms(self, diagnostic: Diagnostic) -> bool:
        """Whether any reading of the fix is verified; see `Pair.readings`."""
        if diagnostic.fix is None or not isinstance(diagnostic.fact, EinsumCall):
            return False
        try:
            pair = pair_of(diagnostic.fact.site, diagnostic.fix)
        except UnpairableError:
            return False
        return any((pair.original, reading) in self.pairs for reading in pair.readings)
