"""Verified: the rewrites that a report of `einlint verify` confirms, and the findings they fix."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from einlint.diagnostics import Diagnostic, Fix
from einlint.linting.pairing import UnpairableError, pair_about
from einlint.rewriting.assumptions import NOT_SLOWER


@dataclass(frozen=True, slots=True)
class Verified:
    """Rewrites as pairs of texts, call and replacement, over names for the operands.

    claim: the verdict of every case of them, for people: `faster`.
    is_faster: every case of them was measured to be faster, and not only not slower.
    """

    claim: str
    pairs: frozenset[tuple[str, str]]
    is_faster: bool = True

    def among(self, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The findings whose fix is one of the rewrites."""
        return tuple(each for each in found if self._confirms(each))

    def with_measurement(self, diagnostic: Diagnostic) -> Diagnostic:
        """The finding; if its fix is one of the rewrites, that is not slower here.

        A fix that is faster here is worth reporting, whatever it looks like.
        """
        if diagnostic.fix is None or not self._confirms(diagnostic):
            return diagnostic
        measured = replace(diagnostic, fix=_not_slower(diagnostic.fix))
        return replace(measured, is_pedantic=False, is_hidden=False) if self.is_faster else measured

    def _confirms(self, diagnostic: Diagnostic) -> bool:
        """Whether any reading of the fix is verified; see `Pair.readings`."""
        if diagnostic.fix is None:
            return False
        try:
            pair = pair_about(diagnostic.fact, diagnostic.fix)
        except UnpairableError:
            return False
        return any((pair.original, reading) in self.pairs for reading in pair.readings)


def _not_slower(fix: Fix) -> Fix:
    requirements = tuple(
        each._replace(granted=each.granted or each.assumption.name == NOT_SLOWER)
        for each in fix.requirements
    )
    return fix._replace(requirements=requirements)
