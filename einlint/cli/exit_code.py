"""The exit code of a run, and what standard error is told beside it."""

import sys
from collections.abc import Iterable
from typing import Final, NoReturn

from einlint.cli.run import Run

FINDINGS: Final = 1
TROUBLE: Final = 2


def exit_code(run: Run, *, exit_zero: bool = False, non_zero_on_fix: bool = False) -> int:
    """2 if anything failed; 1 if findings are left, or files would be changed; else 0."""
    outcome = run.outcome
    if outcome.failures:
        return TROUBLE
    has_findings = outcome.changed > 0 if run.mode.diff else bool(outcome.diagnostics)
    is_reason = has_findings or (non_zero_on_fix and outcome.fixed > 0)
    return FINDINGS if is_reason and not exit_zero else 0


def tell(lines: Iterable[str]) -> None:
    """Tell people what standard output has no place for."""
    for line in lines:
        print(f"einlint: {line}", file=sys.stderr)


def refuse(reason: str) -> NoReturn:
    """End with one line that says why."""
    tell([reason])
    sys.exit(TROUBLE)
