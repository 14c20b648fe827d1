"""`einlint check`: report, and with --fix mend, the einsum calls below some paths."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final, NoReturn

import click

from einlint.cli import options
from einlint.cli.accepting import accept
from einlint.cli.exit_code import exit_code, tell
from einlint.cli.output import Output
from einlint.cli.run import Mode, Run
from einlint.cli.show import details, settings_text
from einlint.cli.values import baseline_in, existing, projects
from einlint.cli.visit import targets_below, visit, visit_standard_input
from einlint.diagnostics import Applicability
from einlint.discovery import module_names
from einlint.linting.trace_index import TraceIndex
from einlint.linting.verified import Verified
from einlint.output.format import format_named
from einlint.project.baseline import Baseline
from einlint.project.configuration import Project
from einlint.project.files import absolute
from einlint.project.overrides import Overrides
from einlint.settings import SettingsError
from einlint.verify.reading import ReportError, read_report
from einlint.verify.report import Verdict

_STDIN: Final = "-"


@click.command()
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
    fixable: tuple[str, ...],
    unfixable: tuple[str, ...],
    verified_report: Path | None,
    verified_level: str | None,
    add_ignore: str | None,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    trace: TraceIndex | None,
    baseline: Path | None,
    exclude: tuple[str, ...],
    extend_exclude: tuple[str, ...],
    force_exclude: bool | None,
    respect_gitignore: bool | None,
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
        raise click.UsageError(f"{output_format} has no place for --statistics; take json or full")
    overrides = Overrides(
        select=select,
        extend_select=extend_select,
        ignore=ignore,
        fixable=fixable,
        unfixable=unfixable,
        exclude=exclude,
        extend_exclude=extend_exclude,
        force_exclude=force_exclude,
        respect_gitignore=respect_gitignore,
    )
    threshold = Applicability.UNSAFE if unsafe_fixes else Applicability.SAFE
    if add_ignore is not None and (fix or diff):
        raise click.UsageError("--add-ignore goes alone: run --fix before it")
    verified = _verified(verified_report, verified_level, applies=fix or diff)
    run = Run(Mode(fix, diff, threshold, add_ignore, trace, verified))
    paths = _existing(paths or (".",))
    is_stdin = paths == (_STDIN,)
    has_name = not is_stdin or stdin_filename is not None
    known = None if baseline is None else _baseline(baseline, run.mode, has_name=has_name)
    project_of = projects(overrides, config, isolated)
    if show_settings:
        first = stdin_filename if is_stdin else paths[0]
        _show_settings(_folder(first), project_of, overrides)
        return
    if show_files:
        _show_files(paths, project_of, run)
    start = perf_counter()
    if is_stdin:
        targets = visit_standard_input(stdin_filename, sys.stdin.buffer.read(), project_of, run)
    else:
        targets = targets_below(paths, project_of, run)
        visit(targets, run, jobs)
    if verbose:
        click.echo(details(targets, perf_counter() - start), nl=False, err=True)
    less = 0 if known is None else accept(run, known, targets)
    Output(output_format, show_statistics, color, quiet, output_file).show(run.outcome, run.mode)
    if less and not quiet:
        click.echo(f"{less} accepted and gone: run `einlint baseline -o {baseline}`", err=True)
    sys.exit(exit_code(run, exit_zero=exit_zero, non_zero_on_fix=exit_non_zero_on_fix))


def _verified(report: Path | None, level: str | None, *, applies: bool) -> Verified | None:
    """What may be applied by the report of verify; None for everything."""
    if report is None and level is not None:
        raise click.UsageError("`--verified-at-least` goes with `--verified REPORT`")
    if report is None:
        return None
    if not applies:
        raise click.UsageError("`--verified` chooses among fixes: add --fix or --diff")
    try:
        return read_report(report, Verdict(level or Verdict.FASTER))
    except ReportError as error:
        raise click.UsageError(str(error)) from error


def _baseline(file: Path, mode: Mode, *, has_name: bool) -> Baseline:
    if mode.reason is not None:
        raise click.UsageError("--add-ignore and --baseline exclude each other: one is enough")
    if not has_name:
        raise click.UsageError("--baseline goes by file names: give --stdin-filename")
    return baseline_in(file)


def _folder(path: str | None) -> Path:
    """The folder whose settings count for a path."""
    place = absolute(Path(path or _STDIN))
    return place if place.is_dir() else place.parent


def _show_settings(
    folder: Path, project_of: Callable[[Path], Project], overrides: Overrides
) -> None:
    try:
        project = project_of(folder)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    click.echo(settings_text(project, is_overridden=overrides != Overrides()), nl=False)


def _show_files(paths: Sequence[str], project_of: Callable[[Path], Project], run: Run) -> NoReturn:
    if _STDIN in paths:
        raise click.UsageError("`--show-files` needs paths, not standard input")
    for target in targets_below(paths, project_of, run):
        click.echo(str(target.path))
    tell(run.outcome.failures)
    sys.exit(exit_code(run))


def _existing(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The paths, if there is something at each of them."""
    if _STDIN in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` cannot be combined with other paths")
        return paths
    return existing(paths, module_names(__package__))
