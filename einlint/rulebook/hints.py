"""What comments say of sizes that a fix rests on and nothing proves: shown, and no more."""

from dataclasses import replace
from typing import Final

from einlint.algebra.contraction import Contraction
from einlint.rewriting.assumptions import BATCH_SIZES_EQUAL, EQUAL_SIZES, NOT_SLOWER
from einlint.rulebook.rule import Finding
from einlint.source.callsite import CallSite
from einlint.source.shape_hint import shape_hint

_OF_SIZES: Final = frozenset({EQUAL_SIZES, BATCH_SIZES_EQUAL, NOT_SLOWER})


def with_hint(finding: Finding, site: CallSite, contraction: Contraction) -> Finding:
    """The finding with a note of the comments, where its fix assumes something of sizes."""
    assumed = (each.assumption for each in finding.fix.requirements) if finding.fix else ()
    if all(each.is_proved or each.name not in _OF_SIZES for each in assumed):
        return finding
    hint = shape_hint(site, contraction)
    return finding if hint is None else replace(finding, notes=(*finding.notes, hint))
