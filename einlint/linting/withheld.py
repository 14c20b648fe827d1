"""Fixes that would hide an error: they take away what shows that another call raises."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from einlint.diagnostics import Diagnostic, Edit
from einlint.linting.findings import Findings
from einlint.linting.moved_offsets import moved_offsets
from einlint.source.facts.einsum_call import EinsumCall
from einlint.source.finder import ParsedFile

_NOTE: Final = "not fixed: without it nothing shows that another call of this function raises"


def functions_losing_errors(
    before: ParsedFile, after: ParsedFile, edits: Sequence[Edit]
) -> set[str]:
    """The functions with a call that surely raises, and of which that is not seen after the edits.

    einsum tells the ranks of its operands, and `@` does not. A call that raises would be fixed in
    the next round, and run.
    """
    raising = [call for call in before.facts(EinsumCall) if call.is_rejected]
    still = {call.start for call in after.facts(EinsumCall) if call.is_rejected}
    places = moved_offsets([call.start for call in raising], edits)
    pairs = zip(raising, places, strict=True)
    return {call.site.function for call, place in pairs if place not in still}


def functions_of(found: Iterable[Diagnostic]) -> set[str]:
    """The functions with the calls that findings are about."""
    return {each.about.function for each in found if each.about is not None}


def without_functions(
    found: Iterable[Diagnostic], functions: Collection[str]
) -> tuple[Diagnostic, ...]:
    """The findings that are not about calls in these functions."""
    return tuple(each for each in found if not _is_in(each, functions))


def with_notes(found: Findings, functions: Collection[str]) -> Findings:
    """The same, with a note on every fix that was withheld."""
    if not functions:
        return found
    diagnostics = (
        replace(each, notes=(*each.notes, _NOTE)) if each.fix and _is_in(each, functions) else each
        for each in found.diagnostics
    )
    return replace(found, diagnostics=tuple(diagnostics))


def _is_in(diagnostic: Diagnostic, functions: Collection[str]) -> bool:
    return diagnostic.about is not None and diagnostic.about.function in functions
