"""`einlint baseline`: accept the current findings, so that check reports only new ones."""

import os
import sys
from pathlib import Path

import click

from einlint.cli import options
from einlint.cli.accepted import no_longer_found
from einlint.cli.default_grants import missing_default_grants
from einlint.cli.exit_code import exit_code, print_notes
from einlint.cli.grouped import GroupedCommand
from einlint.cli.option_values import load_baseline, project_finder, require_existing
from einlint.cli.output_path import require_no_source
from einlint.cli.run import Outcome, Run, RunOptions
from einlint.cli.visit import targets_below, visit, worth_reading
from einlint.project.baseline import Baseline, empty_baseline
from einlint.project.files import write_report


@click.command(cls=GroupedCommand)
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@options.output_file("The baseline file to write or update.", "einlint-baseline.json")
@click.option("--grow", is_flag=True, help="Add new findings to a baseline that exists.")
@options.selection
@options.configuration
@options.jobs
def baseline(
    paths: tuple[str, ...],
    output_file: Path,
    grow: bool,
    config: Path | None,
    isolated: bool,
    jobs: int,
) -> None:
    """Accept the findings in PATHS: report only new ones.

    The findings are written to a file for `einlint --baseline FILE`. If the file exists,
    findings that no longer occur are removed from it. New ones are added only with --grow;
    without it they make the exit code 1.
    """
    overrides = options.overrides()
    project_of = project_finder(overrides, config, isolated)
    is_first = not os.path.lexists(output_file)
    before = empty_baseline(output_file) if is_first else load_baseline(output_file)
    run = Run(RunOptions(), Outcome())
    paths, failures = require_existing(paths or (".",)), run.outcome.failures
    targets = targets_below(paths, project_of, failures, are_written=False)
    require_no_source(output_file, (each.name for each in targets))
    print_notes(missing_default_grants(targets))
    visit(worth_reading(targets), run, jobs)
    remaining = before.accepted - no_longer_found(run, before, targets)
    found = before.counts(run.outcome.diagnostics)
    kept = remaining | found if is_first or grow else remaining
    after = Baseline(before.folder, kept)
    _write(after, output_file, run)
    run.outcome.diagnostics = after.not_accepted(run.outcome.diagnostics)
    run.outcome.hide()
    _print_changes(before, after, output_file, run)
    sys.exit(exit_code(run))


def _write(baseline: Baseline, file: Path, run: Run) -> None:
    """Write the file, unless something could not be checked: its findings are unknown."""
    if run.outcome.failures:
        return
    try:
        write_report(file, baseline.text().encode())
    except OSError as error:
        run.outcome.record_failure(error, str(file))


def _print_changes(before: Baseline, after: Baseline, file: Path, run: Run) -> None:
    print_notes(run.outcome.failures)
    if run.outcome.failures:
        click.echo(f"{file} was not written.", err=True)
        return
    removed = (before.accepted - after.accepted).total()
    added = (after.accepted - before.accepted).total()
    count = after.accepted.total()
    click.echo(f"{file} accepts {count}: {removed} removed, {added} added.", err=True)
    if left := len(run.outcome.diagnostics):
        click.echo(f"{left} more not accepted: fix them, or accept them with --grow.", err=True)
