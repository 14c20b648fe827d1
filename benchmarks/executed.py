"""Run the replacement of a fix against the call, and check that the fix changes nothing else."""

import ast
from dataclasses import dataclass
from functools import cache

import torch
from cases import Case, cases

from einlint.diagnostics import Applicability, Fix
from einlint.linting.fixes import spliced
from einlint.linting.pairing import Pair, pair_of
from einlint.rewriting.assumptions import SAME_LAYOUT
from einlint.source.callsite import CallSite
from einlint.verify.running.compare import Computation, Difference, compile_expression, differences


@dataclass(frozen=True, slots=True)
class Verdict:
    """The number of cases in which both sides ran, and the first fault."""

    runs: int
    complaint: str | None


def judged(site: CallSite, fix: Fix) -> Verdict:
    """Run a fix in all cases.

    Raises:
        UnpairableError: the texts cannot be run by themselves.
    """
    pair = pair_of(site, fix)
    if _disturbs(site, fix):
        return Verdict(0, "the file around the call reads differently")
    assumed = frozenset(each.assumption.name for each in fix.requirements)
    return _verdict(pair, assumed, fix.applicability is Applicability.SAFE)


@cache
def _verdict(pair: Pair, assumed: frozenset[str], is_safe: bool) -> Verdict:
    """The best verdict of all readings; equal fixes of several calls are run once."""
    verdicts = [_run(pair, reading, assumed, is_safe) for reading in pair.readings]
    return min(verdicts, key=lambda verdict: verdict.complaint is not None)


def distinct() -> int:
    """The number of different fixes that were run so far."""
    return _verdict.cache_info().currsize


def _run(pair: Pair, reading: str, assumed: frozenset[str], is_safe: bool) -> Verdict:
    original, replacement = (
        compile_expression(pair.original, pair.names),
        compile_expression(reading, pair.names),
    )
    runs = 0
    for case in cases(pair.equation):
        found = _differences(original, replacement, case)
        if found is None:
            continue
        runs += 1
        wrong = found - _excused(case, assumed, is_safe)
        if wrong:
            shown = ", ".join(sorted(wrong))
            return Verdict(runs, f"{pair.original} -> {reading}: {shown} ({case.name.strip()})")
    return Verdict(runs, None if runs else f"{pair.original}: no case runs")


def _differences(
    original: Computation, replacement: Computation, case: Case
) -> frozenset[Difference] | None:
    """The differences; None if the call itself rejects the operands."""
    if case.autocast:
        original, replacement = _under_autocast(original), _under_autocast(replacement)
    try:
        original(*case.operands)
    except RuntimeError:
        return None
    return differences(original, replacement, case.operands)


def _excused(case: Case, assumed: frozenset[str], is_safe: bool) -> frozenset[Difference]:
    """The differences that are allowed: never a value or a shape.

    Layout may where the fix says so; where an axis broadcasts; and, for unsafe fixes, where an
    axis has size 1.
    """
    allowed: set[Difference] = set()
    if SAME_LAYOUT in assumed or case.broadcasts or (case.has_ones and not is_safe):
        allowed.add(Difference.LAYOUT)
    if case.violates & assumed:
        allowed |= {Difference.RAISES, Difference.DTYPE, Difference.LAYOUT}
    return frozenset(allowed)


def _under_autocast(computation: Computation) -> Computation:
    def run(*operands: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return computation(*(each.detach() for each in operands))

    return run


def _disturbs(site: CallSite, fix: Fix) -> bool:
    """Whether the edit changed more than the expression of the call.

    With the new text in parentheses it surely is one; without them, it has to read the same.
    """
    text, span = site.lines.text, site.span
    after = spliced(text, fix.edits)
    end = len(after) - (len(text) - span.end)
    enclosed = f"{after[: span.start]}({after[span.start : end]}){after[end:]}"
    return _tree(after) != _tree(enclosed)


def _tree(text: str) -> str | None:
    """The parsed text; None if Python cannot parse it."""
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None
