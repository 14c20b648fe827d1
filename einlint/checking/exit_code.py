"""The exit code of a run."""

from typing import Final

from einlint.run import Run

_FINDINGS: Final = 1
_TROUBLE: Final = 2


def exit_code(run: Run, *, exit_zero: bool = False, non_zero_on_fix: bool = False) -> int:
    """2 if anything failed; 1 if findings are left, or files would be changed; else 0."""
    outcome = run.outcome
    if outcome.failures:
        return _TROUBLE
    has_findings = outcome.changed > 0 if run.mode.diff else bool(outcome.diagnostics)
    is_reason = has_findings or (non_zero_on_fix and outcome.fixed > 0)
    return _FINDINGS if is_reason and not exit_zero else 0
