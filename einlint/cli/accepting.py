"""What a baseline accepts of the findings of a run, and what is gone of what it accepts."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from einlint.cli.run import Run
from einlint.cli.visit import Target
from einlint.project.baseline import Baseline, Kind
from einlint.rulebook.selection import selected_rules
from einlint.rules import unparsable


def accept(run: Run, baseline: Baseline, targets: Sequence[Target]) -> int:
    """Take the accepted findings out of the outcome; how many accepted ones are gone."""
    less = gone(run, baseline, targets).total()
    new = baseline.new(run.outcome.diagnostics)
    run.outcome.accepted = len(run.outcome.diagnostics) - len(new)
    run.outcome.diagnostics = new
    return less


def gone(run: Run, baseline: Baseline, targets: Sequence[Target]) -> Counter[Kind]:
    """What the baseline accepts and nobody finds any more, by an outcome that is still whole.

    What was not looked at is not gone: the other files, unless they were deleted, the rules that
    are off now, and a file that cannot be read. After a failure or a diff nobody knows.
    """
    if run.outcome.failures or run.mode.diff:
        return Counter()
    found = baseline.counts(run.outcome.diagnostics)
    unread = {kind.file for kind in found if kind.code == unparsable.RULE.code}
    codes = {
        baseline.name_of(str(each.path)): {rule.code for rule in selected_rules(each.settings)}
        for each in targets
    }
    missing = baseline.accepted - found
    kinds = [each for each in missing if each.file not in unread]
    return Counter({each: missing[each] for each in _judged(kinds, baseline, codes)})


def _judged(
    kinds: Iterable[Kind], baseline: Baseline, codes: Mapping[str, set[str]]
) -> Iterator[Kind]:
    for each in kinds:
        if each.file in codes:
            if each.code in codes[each.file]:
                yield each
        elif not os.path.exists(baseline.folder / each.file):
            yield each
