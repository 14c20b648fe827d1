"""`einlint check`: report the einsum calls below some paths, and with --fix rewrite them."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Final, NoReturn

import click

from einlint.cli import options
from einlint.cli.accepted import remove_accepted
from einlint.cli.default_grants import missing_default_grants
from einlint.cli.exit_code import exit_code, print_notes
from einlint.cli.grouped import GroupedCommand
from einlint.cli.option_values import (
    load_baseline,
    project_finder,
    read_standard_input,
    require_existing,
)
from einlint.cli.output import Output
from einlint.cli.output_path import require_no_source
from einlint.cli.run import Run, RunOptions
from einlint.cli.show import settings_text, verbose_text
from einlint.cli.visit import targets_below, visit, visit_standard_input
from einlint.diagnostics import Applicability, printable, shown_name
from einlint.discovery import module_names
from einlint.linting.trace_index import TraceIndex
from einlint.linting.verified import Verified
from einlint.output.format import format_named
from einlint.project.baseline import Baseline
from einlint.project.configuration import Project
from einlint.project.files import absolute
from einlint.project.overrides import Overrides
from einlint.unusable import UnusableError
from einlint.verify.report import Verdict
from einlint.verify.report_reader import ReportError, read_report

_STDIN: Final = "-"


@click.command(cls=GroupedCommand)
@click.argument("paths", nargs=-1, type=click.Path(allow_dash=True, readable=False))
@options.fixing
@options.selection
@options.evidence
@options.accepted
@options.files
@options.output
def check(
    paths: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    verified_report: Path | None,
    verified_level: str | None,
    accept_busy: bool,
    add_ignore: str | None,
    trace: TraceIndex | None,
    baseline: Path | None,
    stdin_filename: str | None,
    config: Path | None,
    isolated: bool,
    jobs: int,
    show_files: bool,
    show_settings: bool,
    output_format: str,
    output_file: Path | None,
    show_statistics: bool,
    exit_zero: bool,
    exit_non_zero_on_fix: bool,
    quiet: bool,
    verbose: bool,
    color: str,
) -> None:
    """Report einsum calls that are wrong or have a simpler spelling.

    PATHS are files and folders, by default the current one; `-` is standard input.
    """
    if show_statistics and not format_named(output_format).has_statistics:
        raise click.UsageError(f"{output_format} has no --statistics: use json or full")
    overrides = options.overrides()
    if unsafe_fixes:
        overrides = replace(overrides, values={"pedantic": True, **overrides.values})
    threshold = Applicability.UNSAFE if unsafe_fixes else Applicability.SAFE
    if add_ignore is not None and (fix or diff):
        raise click.UsageError("--add-ignore works without --fix and --diff: run --fix first")
    verified = _verified(verified_report, verified_level, accept_busy=accept_busy)
    run = Run(RunOptions(fix, diff, threshold, add_ignore, trace, verified))
    paths = _checked_paths(paths or (".",))
    is_stdin = paths == (_STDIN,)
    has_name = not is_stdin or stdin_filename is not None
    known = None if baseline is None else _baseline(baseline, run.options, has_name=has_name)
    project_of = project_finder(overrides, config, isolated)
    if show_settings:
        first = stdin_filename if is_stdin else paths[0]
        _show_settings(_folder(first), project_of, overrides)
        return
    if show_files:
        _show_files(paths, project_of, run)
    start = perf_counter()
    if is_stdin:
        targets = visit_standard_input(stdin_filename, read_standard_input(), project_of, run)
    else:
        targets = targets_below(paths, project_of, run)
        require_no_source(output_file, (each.path for each in targets))
        visit(targets, run, jobs)
    if not quiet:
        print_notes(missing_default_grants(targets))
    if verbose:
        click.echo(verbose_text(targets, perf_counter() - start), nl=False, err=True)
    stale = 0 if known is None else remove_accepted(run, known, targets)
    run.outcome.hide()
    Output(output_format, show_statistics, color, quiet, output_file).show(run.outcome, run.options)
    if stale and not quiet:
        way_out = f"run `einlint baseline -o {baseline}` to remove them"
        click.echo(f"accepted findings that no longer occur: {stale}; {way_out}", err=True)
    sys.exit(
        exit_code(
            run,
            exit_zero=exit_zero,
            non_zero_on_fix=exit_non_zero_on_fix,
            pedantic=any(target.settings.pedantic for target in targets),
            named=overrides.named_codes,
        )
    )


def _verified(report: Path | None, level: str | None, *, accept_busy: bool) -> Verified | None:
    """The rewrites that a report of verify allows to apply; None for all."""
    if report is None and accept_busy:
        raise click.UsageError("`--accept-busy` needs `--verified REPORT`")
    if report is None and level is not None:
        raise click.UsageError("`--verified-at-least` needs `--verified REPORT`")
    if report is None:
        return None
    try:
        return read_report(report, Verdict(level or Verdict.FASTER), accept_busy=accept_busy)
    except ReportError as error:
        raise click.UsageError(printable(str(error))) from error


def _baseline(file: Path, options: RunOptions, *, has_name: bool) -> Baseline:
    if options.reason is not None:
        raise click.UsageError("--add-ignore and --baseline cannot be combined: choose one")
    if not has_name:
        raise click.UsageError("--baseline needs the name of the file: add --stdin-filename")
    return load_baseline(file)


def _folder(path: str | None) -> Path:
    """The folder whose settings apply to a path."""
    place = absolute(Path(path or _STDIN))
    return place if place.is_dir() else place.parent


def _show_settings(
    folder: Path, project_of: Callable[[Path], Project], overrides: Overrides
) -> None:
    try:
        project = project_of(folder)
    except UnusableError as error:
        raise click.UsageError(printable(str(error))) from error
    click.echo(settings_text(project, is_overridden=bool(overrides.values)), nl=False)


def _show_files(paths: Sequence[str], project_of: Callable[[Path], Project], run: Run) -> NoReturn:
    if _STDIN in paths:
        raise click.UsageError("`--show-files` needs paths, not standard input")
    for target in targets_below(paths, project_of, run):
        click.echo(shown_name(str(target.path)))
    print_notes(run.outcome.failures)
    sys.exit(exit_code(run))


def _checked_paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The paths; a usage error if one of them does not exist."""
    if _STDIN in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` cannot be combined with other paths")
        return paths
    return require_existing(paths, module_names(__package__))
