"""Stopping: which findings make a run fail; the others are printed as information."""

from typing import NamedTuple

from einlint.diagnostics import Diagnostic, Severity


class Stopping(NamedTuple):
    """What is asked of a run: findings of severity INFO count only where somebody asked for them.

    pedantic: all findings count.
    prefixes: of the codes that the command line selects; the empty one is of all.
    """

    pedantic: bool = False
    prefixes: tuple[str, ...] = ()

    def counts(self, finding: Diagnostic) -> bool:
        """Whether the finding makes the exit code 1."""
        is_asked_for = self.pedantic or finding.code.startswith(self.prefixes)
        return is_asked_for or finding.severity is not Severity.INFO
