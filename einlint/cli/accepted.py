"""Compare the findings of a run with a baseline: which are accepted, which no longer occur."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from einlint.cli.run import Run
from einlint.cli.visit import Target
from einlint.project.baseline import Baseline, FindingKind
from einlint.rulebook.selection import selected_rules
from einlint.rules import unparsable


def remove_accepted(run: Run, baseline: Baseline, targets: Sequence[Target]) -> int:
    """Remove accepted findings from the outcome; return how many of them no longer occur."""
    # Counted first: it needs the outcome with all of its findings.
    stale = no_longer_found(run, baseline, targets).total()
    new = baseline.not_accepted(run.outcome.diagnostics)
    run.outcome.accepted = len(run.outcome.diagnostics) - len(new)
    run.outcome.diagnostics = new
    return stale


def no_longer_found(
    run: Run, baseline: Baseline, targets: Sequence[Target]
) -> Counter[FindingKind]:
    """The accepted findings that no longer occur.

    Call before accepted findings are filtered out. Whatever was not checked still counts as
    accepted: other files (unless they were deleted), rules that are off now, and files that cannot
    be read. After a failure or a diff the result is empty, because the findings are incomplete.
    """
    if run.outcome.failures or run.options.diff:
        return Counter()
    found = baseline.counts(run.outcome.diagnostics)
    unread = {kind.file for kind in found if kind.code == unparsable.RULE.code}
    codes = {
        baseline.name_of(each.name): {rule.code for rule in selected_rules(each.settings)}
        for each in targets
    }
    missing = baseline.accepted - found
    kinds = [kind for kind in missing if kind.file not in unread]
    return Counter({kind: missing[kind] for kind in _checked_here(kinds, baseline, codes)})


def _checked_here(
    kinds: Iterable[FindingKind], baseline: Baseline, codes: Mapping[str, set[str]]
) -> Iterator[FindingKind]:
    """The kinds that this run would have found again; those of a deleted file among them."""
    for kind in kinds:
        if kind.file in codes:
            if kind.code in codes[kind.file]:
                yield kind
        elif not os.path.exists(baseline.folder / kind.file):
            yield kind
