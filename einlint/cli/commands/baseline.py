"""`einlint baseline`: accept what is found now, so that check tells only of what is new."""

import os
import sys
from pathlib import Path

import click

from einlint.cli import options
from einlint.cli.accepting import gone
from einlint.cli.exit_code import exit_code, tell
from einlint.cli.run import Mode, Run
from einlint.cli.values import baseline_in, existing, projects
from einlint.cli.visit import targets_below, visit
from einlint.project.baseline import Baseline, empty_baseline
from einlint.project.files import write_report
from einlint.project.overrides import Overrides


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@options.output_file("The baseline to write, or to make smaller.", "einlint-baseline.json")
@click.option("--grow", is_flag=True, help="Accept what a baseline that exists does not, too.")
@options.selection
@options.configuration
@options.jobs
def baseline(
    paths: tuple[str, ...],
    output_file: Path,
    grow: bool,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    config: Path | None,
    isolated: bool,
    jobs: int,
) -> None:
    """Accept the findings in PATHS, so that check tells of new ones.

    They are written to a file, which `einlint --baseline FILE` reads. Of a file that exists
    what is gone is taken out; only with --grow it accepts more, and without that the exit code
    is 1 if there is more.
    """
    overrides = Overrides(select=select, extend_select=extend_select, ignore=ignore)
    project_of = projects(overrides, config, isolated)
    is_first = not os.path.lexists(output_file)
    before = empty_baseline(output_file) if is_first else baseline_in(output_file)
    run = Run(Mode())
    targets = targets_below(existing(paths or (".",)), project_of, run)
    visit(targets, run, jobs)
    less = before.accepted - gone(run, before, targets)
    kept = less | before.counts(run.outcome.diagnostics) if is_first or grow else less
    after = Baseline(before.folder, kept)
    _write(after, output_file, run)
    run.outcome.diagnostics = after.new(run.outcome.diagnostics)
    _tell(before, after, output_file, run)
    sys.exit(exit_code(run))


def _write(baseline: Baseline, file: Path, run: Run) -> None:
    """Write the file, unless something could not be checked: what is found there is not known."""
    if run.outcome.failures:
        return
    try:
        write_report(file, baseline.text().encode())
    except OSError as error:
        run.outcome.note(error, str(file))


def _tell(before: Baseline, after: Baseline, file: Path, run: Run) -> None:
    tell(run.outcome.failures)
    if run.outcome.failures:
        click.echo(f"{file} was not written.", err=True)
        return
    less = (before.accepted - after.accepted).total()
    more = (after.accepted - before.accepted).total()
    click.echo(f"{file} accepts {after.accepted.total()}: {less} gone, {more} new.", err=True)
    if left := len(run.outcome.diagnostics):
        click.echo(f"{left} more not accepted: mend them, or accept them with --grow.", err=True)
