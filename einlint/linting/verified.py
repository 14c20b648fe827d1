"""Verified: the rewrites that a report of verify vouches for, and the findings they fix."""

from collections.abc import Iterable
from dataclasses import dataclass

from einlint.diagnostics import Diagnostic
from einlint.linting.pairing import UnpairableError, pair_of
from einlint.source.callsite import CallSite
from einlint.source.finder import ParsedFile, find_calls


@dataclass(frozen=True, slots=True)
class Verified:
    """Rewrites as pairs of texts, the call and its replacement, over names for the operands.

    claim: what every case of them was found to be, for people: `faster`.
    """

    claim: str
    pairs: frozenset[tuple[str, str]]

    def among(self, found: Iterable[Diagnostic], parsed: ParsedFile) -> tuple[Diagnostic, ...]:
        """The findings of a file whose fix is one of the rewrites."""
        calls = {call.range: call for call in find_calls(parsed)}
        return tuple(each for each in found if self._vouches(each, calls.get(each.range)))

    def _vouches(self, diagnostic: Diagnostic, call: CallSite | None) -> bool:
        """Whether one reading is verified; operands of one text make several."""
        if diagnostic.fix is None or call is None:
            return False
        try:
            pair = pair_of(call, diagnostic.fix)
        except UnpairableError:
            return False
        return any((pair.original, reading) in self.pairs for reading in pair.readings)
