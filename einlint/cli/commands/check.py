"""`einlint check`: report the einsum calls below some paths, and with --fix rewrite them."""

import os
import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Final, NoReturn

import click

from einlint.cli import options
from einlint.cli.exit_code import TROUBLE, print_notes
from einlint.cli.grouped import GroupedCommand
from einlint.cli.option_values import (
    load_baseline,
    project_finder,
    read_standard_input,
    require_existing,
)
from einlint.cli.output_path import require_no_source
from einlint.cli.visit import targets_below, visit, visit_standard_input, worth_reading
from einlint.discovery import module_names
from einlint.printable import printable, shown_name
from einlint.project.configuration import Project
from einlint.project.overrides import Overrides
from einlint.source.gc_pause import gc_paused
from einlint.unusable import UnusableError

# What only a run with findings needs, or a rare option, is imported where it is used.
if TYPE_CHECKING:
    from pathlib import Path

    from einlint.cli.visit import Target
    from einlint.linting.trace_index import TraceIndex
    from einlint.linting.verified import Verified
    from einlint.project.baseline import Baseline

_STDIN: Final = "-"


@click.command(cls=GroupedCommand)
@click.argument("paths", nargs=-1, type=click.Path(allow_dash=True, readable=False))
@options.fixing
@options.selection
@options.evidence
@options.accepted
@options.files
@options.output
@gc_paused()  # nothing of what is loaded and made here is garbage before the end
def check(
    paths: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    verified_report: "Path | None",
    verified_level: str | None,
    accept_busy: bool,
    add_ignore: str | None,
    trace: "TraceIndex | None",
    baseline: "Path | None",
    stdin_filename: str | None,
    config: "Path | None",
    isolated: bool,
    jobs: int,
    show_files: bool,
    show_settings: bool,
    output_format: str,
    output_file: "Path | None",
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
    if show_statistics:
        _require_statistics(output_format)
    overrides = _overrides(is_pedantic=unsafe_fixes)
    if add_ignore is not None and (fix or diff):
        raise click.UsageError("--add-ignore works without --fix and --diff: run --fix first")
    verified = _verified(verified_report, verified_level, accept_busy=accept_busy)
    paths = _checked_paths(paths or (".",))
    is_stdin = paths == (_STDIN,)
    has_name = not is_stdin or stdin_filename is not None
    known = _baseline(baseline, has_reason=add_ignore is not None, has_name=has_name)
    project_of = project_finder(overrides, config, isolated)
    if show_settings:
        first = stdin_filename if is_stdin else paths[0]
        _show_settings(_folder(first), project_of, overrides)
        return
    if show_files:
        _show_files(paths, project_of)
    start = perf_counter()
    failures: list[str] = []
    are_written = (fix and not diff) or add_ignore is not None
    named = () if is_stdin else paths
    targets = targets_below(named, project_of, failures, are_written=are_written)
    require_no_source(output_file, (each.name for each in targets))
    found = worth_reading(targets, click.get_current_context().find_root().obj or ())
    is_about_findings_only = not any(
        (is_stdin, failures, diff, verbose, show_statistics, output_file, verified, trace, known)
    )
    if is_about_findings_only and not found and add_ignore is None:
        _end_without_findings(targets, output_format, color, quiet=quiet)

    from einlint.cli.ending import Ending
    from einlint.cli.output import Output
    from einlint.cli.run import Outcome, Run, RunOptions
    from einlint.diagnostics import Applicability

    threshold = Applicability.UNSAFE if unsafe_fixes else Applicability.SAFE
    run_options = RunOptions(fix, diff, threshold, add_ignore, trace, verified)
    run = Run(run_options, Outcome(failures=failures))
    if is_stdin:
        targets = visit_standard_input(stdin_filename, read_standard_input(), project_of, run)
    else:
        visit(found, run, jobs)
    output = Output(output_format, show_statistics, color, quiet, output_file)
    codes = (exit_zero, exit_non_zero_on_fix)
    Ending(output, known, baseline, *codes, verbose, overrides.named_codes, start).end(run, targets)


def _overrides(*, is_pedantic: bool) -> Overrides:
    given = options.overrides()
    return Overrides({"pedantic": True, **given.values}) if is_pedantic else given


def _require_statistics(output_format: str) -> None:
    from einlint.output.format import format_named

    if not format_named(output_format).has_statistics:
        raise click.UsageError(f"{output_format} has no --statistics: use json or full")


def _end_without_findings(
    targets: "Sequence[Target]", output_format: str, color: str, *, quiet: bool
) -> None:
    """End the run as one that found nothing does, if the format says so in words."""
    from einlint.output.clean import FOR_PEOPLE, all_passed

    if output_format not in FOR_PEOPLE:
        return
    if not quiet:
        from einlint.cli.default_grants import missing_default_grants

        print_notes(missing_default_grants(targets))
        sys.stdout.write(all_passed(color, is_terminal=sys.stdout.isatty()))
    sys.exit(0)


def _verified(report: "Path | None", level: str | None, *, accept_busy: bool) -> "Verified | None":
    """The rewrites that a report of verify allows to apply; None for all."""
    if report is None and accept_busy:
        raise click.UsageError("`--accept-busy` needs `--verified REPORT`")
    if report is None and level is not None:
        raise click.UsageError("`--verified-at-least` needs `--verified REPORT`")
    if report is None:
        return None
    from einlint.verify.report import Verdict
    from einlint.verify.report_reader import ReportError, read_report

    try:
        return read_report(report, Verdict(level or Verdict.FASTER), accept_busy=accept_busy)
    except ReportError as error:
        raise click.UsageError(printable(str(error))) from error


def _baseline(file: "Path | None", *, has_reason: bool, has_name: bool) -> "Baseline | None":
    if file is None:
        return None
    if has_reason:
        raise click.UsageError("--add-ignore and --baseline cannot be combined: choose one")
    if not has_name:
        raise click.UsageError("--baseline needs the name of the file: add --stdin-filename")
    return load_baseline(file)


def _folder(path: str | None) -> str:
    """The folder whose settings apply to a path."""
    place = os.path.abspath(path or _STDIN)
    return place if os.path.isdir(place) else os.path.dirname(place)


def _show_settings(folder: str, project_of: Callable[[str], Project], overrides: Overrides) -> None:
    from einlint.cli.show import settings_text

    try:
        project = project_of(folder)
    except UnusableError as error:
        raise click.UsageError(printable(str(error))) from error
    click.echo(settings_text(project, is_overridden=bool(overrides.values)), nl=False)


def _show_files(paths: Sequence[str], project_of: Callable[[str], Project]) -> NoReturn:
    if _STDIN in paths:
        raise click.UsageError("`--show-files` needs paths, not standard input")
    failures: list[str] = []
    for target in targets_below(paths, project_of, failures, are_written=False):
        click.echo(shown_name(target.name))
    print_notes(failures)
    sys.exit(TROUBLE if failures else 0)


def _checked_paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The paths; a usage error if one of them does not exist."""
    if _STDIN in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` cannot be combined with other paths")
        return paths
    return require_existing(paths, module_names(__package__))
