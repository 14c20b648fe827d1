"""The second half of check, for a run with findings or with a rare option: report, and exit."""

import sys
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

from einlint.cli.default_grants import missing_default_grants
from einlint.cli.exit_code import exit_code, print_notes
from einlint.cli.output import Output
from einlint.cli.run import Run
from einlint.cli.visit import Target
from einlint.output.stopping import Stopping
from einlint.rulebook.selection import ALL

# What only an option needs is imported where it is used.
if TYPE_CHECKING:
    from pathlib import Path

    from einlint.project.baseline import Baseline


class Ending(NamedTuple):
    """What is printed after a run, and what its exit code depends on.

    known: what the baseline in `baseline_file` accepts.
    named: the codes that the command line selects.
    start: when the run started, by `perf_counter`.
    """

    output: Output
    known: "Baseline | None"
    baseline_file: "Path | None"
    exit_zero: bool
    exit_non_zero_on_fix: bool
    verbose: bool
    named: tuple[str, ...]
    start: float

    def end(self, run: Run, targets: Sequence[Target]) -> NoReturn:
        """Print the notes and the report, and exit."""
        quiet = self.output.quiet
        if not quiet:
            print_notes(missing_default_grants(targets))
        if self.verbose:
            from einlint.cli.show import verbose_text

            click.echo(verbose_text(targets, perf_counter() - self.start), nl=False, err=True)
        stale = self._remove_accepted(run, targets)
        run.outcome.hide()
        stopping = self._stopping(targets)
        self.output.show(run.outcome, run.options, stopping)
        if stale and not quiet:
            way_out = f"run `einlint baseline -o {self.baseline_file}` to remove them"
            click.echo(f"accepted findings that no longer occur: {stale}; {way_out}", err=True)
        sys.exit(
            exit_code(
                run,
                exit_zero=self.exit_zero,
                non_zero_on_fix=self.exit_non_zero_on_fix,
                stopping=stopping,
            )
        )

    def _stopping(self, targets: Sequence[Target]) -> Stopping:
        """What the options and the settings of a run make fail."""
        codes = (each.upper() for each in self.named)
        return Stopping(
            any(target.settings.pedantic for target in targets),
            tuple("" if code == ALL else code for code in codes),
        )

    def _remove_accepted(self, run: Run, targets: Sequence[Target]) -> int:
        """Remove what the baseline accepts; how much of that no longer occurs."""
        if self.known is None:
            return 0
        from einlint.cli.accepted import remove_accepted

        return remove_accepted(run, self.known, targets)
