"""The exit code of a run."""

from typing import Final

from einlint.run import Mode, Outcome

_FINDINGS: Final = 1
_TROUBLE: Final = 2


def exit_code(outcome: Outcome, mode: Mode, *, exit_zero: bool) -> int:
    """2 if anything failed; 1 if findings are left, or files would be changed; else 0."""
    if outcome.failures:
        return _TROUBLE
    has_findings = outcome.changed > 0 if mode.diff else bool(outcome.diagnostics)
    return _FINDINGS if has_findings and not exit_zero else 0
