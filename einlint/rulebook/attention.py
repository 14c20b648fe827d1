"""What replacing a whole attention assumes, and what `@` gains where it cannot be replaced."""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.diagnostics import Fix, Requirement
from einlint.rewriting.assumptions import (
    CHECKS_HOLD,
    LAST_DIGITS,
    MASK_FITS,
    NO_MASKED_ROWS,
    NOT_SLOWER,
    RANDOM_NUMBERS,
    RANKS_FIT,
    SAME_LAYOUT,
    SOFTMAX_DTYPE,
    Assumption,
)
from einlint.rulebook.replacement import COMPILED, simpler
from einlint.rulebook.rule import Finding
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall, products_of
from einlint.source.facts.hand_written_attention import HandWrittenAttention


def assumptions_of(attention: HandWrittenAttention) -> Iterator[Assumption]:
    """The assumptions of the one call that computes an attention."""
    parts = attention.parts
    yield Assumption(LAST_DIGITS, "nobody depends on the last digits")
    yield Assumption(SAME_LAYOUT, "nobody depends on the strides of the result")
    if parts.masks and not attention.is_causal:
        yield Assumption(NO_MASKED_ROWS, "no row is masked as a whole, whose result would be 0")
        dtypes = {True: "the dtype of the query", False: "dtype bool"}
        dtype = " or ".join(dict.fromkeys(dtypes[each.keeps is None] for each in parts.masks))
        # A mask of windows is expanded to one axis more, with three that stay.
        is_windowed = any(each.window is not None for each in parts.masks)
        # A mask that is turned has the axes that the view counts.
        counted = (int(each) for mask in parts.masks for each in mask.turn if each.isdigit())
        least = max(counted, default=2)
        axes = "3 axes to one more than" if is_windowed else f"{least} axes to as many as"
        axes = "as many axes as" if parts.is_indexed else axes
        shape = "; the scores have the axes of the windows" if parts.is_windowed else ""
        yield Assumption(MASK_FITS, f"the mask has {dtype}, and {axes} the query{shape}")
    if attention.taken_axes is not None:
        is_four = attention.taken_axes == 4
        view, many = ("transpose(2, 3)", "four") if is_four else ("transpose(1, 2)", "three")
        yield Assumption(RANKS_FIT, f"what is transposed by `{view}` has {many} axes")
    if parts.is_cast:
        yield Assumption(
            SOFTMAX_DTYPE, "the softmax need not be taken in the dtype that is written"
        )
    if attention.has_checks:
        yield Assumption(CHECKS_HOLD, "no check of the sizes of scores or weights fails")
    if parts.dropout is not None or attention.moves_random_numbers:
        yield Assumption(RANDOM_NUMBERS, "the dropout may draw other random numbers")
    reason = attention.drawback
    if reason:
        yield Assumption(NOT_SLOWER, f"the call is not slower here, where {reason}")


def of_compiling(attention: HandWrittenAttention, settings: Settings) -> Iterator[str]:
    """What is said of compiling its einsum calls, once."""
    for call in products_of(attention):
        for finding in simpler(call, settings, *ContractionKind):
            found = [each for each in finding.notes if each.startswith(COMPILED)]
            if found:
                yield found[0]
                return


def compile_safe(attention: HandWrittenAttention, settings: Settings) -> Fix | None:
    """Both products written with `@`, if torch.compile was measured to fuse that."""
    calls = products_of(attention)
    if not calls:
        return None
    fixes: list[Fix] = []
    for call in calls:
        fix = _spelled_by_operator(call, settings)
        if fix is None:
            return None
        fixes.append(fix)
    edits = tuple(sorted((e for fix in fixes for e in fix.edits), key=lambda edit: edit.start))
    needed: dict[str, Requirement] = {}
    for fix in fixes:
        for each in fix.requirements:
            if each.assumption.name != NOT_SLOWER:  # it was measured to be faster
                needed.setdefault(each.assumption.name, each)
    return Fix(
        "Write both products with `@`, which torch.compile fuses", edits, (*needed.values(),)
    )


def _spelled_by_operator(call: EinsumCall, settings: Settings) -> Fix | None:
    if call.attention is None or call.site.syntax_context.has_autocast:
        return None
    from einlint.rewriting.fused import gain

    if gain(call.attention.layout, call.attention.forms) is None:
        return None
    found: Iterator[Finding] = simpler(call, settings, *ContractionKind)
    fix = next((each.fix for each in found), None)
    return fix if fix is not None and fix.edits else None
