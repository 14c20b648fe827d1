"""The further spellings of a case: those that can be timed, and why the others cannot."""

from collections.abc import Callable
from dataclasses import dataclass

from einlint.verify.report import CandidateResult, Comparison, Verdict
from einlint.verify.running.backend import is_out_of_memory
from einlint.verify.running.job import CaseGroup


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


def why_it_fails(error: RuntimeError, what: str) -> str:
    """What an error of torch means, on one line."""
    if is_out_of_memory(error):
        return "out of memory"
    return f"{what} does not run: {next(iter(str(error).splitlines()), '')}"
