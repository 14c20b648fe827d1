"""The further spellings of a case: those that can be timed, and why the others cannot.

Their labels prove that they compute the equation. So they are compared with einsum at smaller sizes
where those of the case are large: to compare takes some twenty runs, to time them not many more.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Final

from einlint.verify.report import CandidateResult, Comparison, Verdict
from einlint.verify.running.backend import is_out_of_memory
from einlint.verify.running.job import CaseGroup

# Products of one contraction; more take longer than to start an operator.
_MOST_PRODUCTS: Final = 2**18


@dataclass(frozen=True, slots=True)
class Spellings:
    """Texts, how they compare with the original, and the results of those that do not run."""

    texts: tuple[str, ...] = ()
    compared: tuple[Comparison, ...] = ()
    refused: tuple[CandidateResult, ...] = ()


def compared_others(group: CaseGroup, compare: Callable[[str], Comparison]) -> Spellings:
    """Compare the candidates of a rewrite; one that fails, or needs a huge tensor, is refused."""
    sizes = dict(group.sizes)
    texts, compared, refused = [], [], []
    for each in group.rewrite.candidates:
        note = each.excess(group.rewrite.pair.equation, sizes)
        if note is None:
            try:
                compared.append(compare(each.text))
            except RuntimeError as error:
                note = why_it_fails(error, "it")
            else:
                texts.append(each.text)
                continue
        refused.append(CandidateResult(each.text, Verdict.UNSURE, note=note))
    return Spellings(tuple(texts), tuple(compared), tuple(refused))


def affordable(group: CaseGroup) -> CaseGroup:
    """The group at smaller sizes; indices that are summed, on which rounding depends, come last."""
    if group.shapes is not None:
        return group
    sizes, output = dict(group.sizes), group.rewrite.pair.equation.output
    while prod(sizes.values()) > _MOST_PRODUCTS:
        longer = [label for label, size in sizes.items() if size > 3]
        if not longer:
            break
        kept = [label for label in longer if label in output]
        sizes[max(kept or longer, key=lambda label: sizes[label])] //= 2
    return replace(group, sizes=tuple(sizes.items()))


def why_it_fails(error: RuntimeError, what: str) -> str:
    """What an error of torch means, on one line."""
    if is_out_of_memory(error):
        return "out of memory"
    return f"{what} does not run: {next(iter(str(error).splitlines()), '')}"
