"""The exit code of a run, and the notes on standard error."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NoReturn

from einlint.printable import printable_lines

if TYPE_CHECKING:
    from einlint.cli.run import Run
    from einlint.output.stopping import Stopping

FINDINGS: Final = 1
TROUBLE: Final = 2


def exit_code(
    run: "Run",
    *,
    exit_zero: bool = False,
    non_zero_on_fix: bool = False,
    stopping: "Stopping | None" = None,
) -> int:
    """2 if anything failed; 1 if findings that count are left or files would change; else 0.

    stopping: which findings count; None for errors and warnings.
    """
    from einlint.output.stopping import Stopping

    outcome = run.outcome
    counts = (stopping or Stopping()).counts
    if outcome.failures:
        return TROUBLE
    if run.options.diff:
        has_findings = outcome.changed > 0
    else:
        has_findings = any(map(counts, outcome.diagnostics))
    is_reason = has_findings or (non_zero_on_fix and outcome.fixed > 0)
    return FINDINGS if is_reason and not exit_zero else 0


def print_notes(lines: Iterable[str]) -> None:
    """Print notes to standard error, which keeps standard output for the report."""
    for line in lines:
        print(f"einlint: {printable_lines(line)}", file=sys.stderr)


def exit_with_error(reason: str) -> NoReturn:
    """Print the reason on one line, and exit with 2."""
    print_notes([reason])
    sys.exit(TROUBLE)
