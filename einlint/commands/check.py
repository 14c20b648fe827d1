"""`einlint check`: report, and with --fix mend, the einsum calls below some paths."""

import os
import sys
from pathlib import Path
from typing import Final

import click

from einlint.checking import options
from einlint.checking.exit_code import exit_code
from einlint.checking.output import Output
from einlint.checking.overrides import Overrides
from einlint.checking.resolver import resolver
from einlint.checking.visit import visit, visit_standard_input
from einlint.diagnostics import Applicability
from einlint.run import Mode, Run
from einlint.settings import SettingsError

_STDIN: Final = "-"


@click.command()
@click.argument("paths", nargs=-1)
@options.fixing
@options.selection
@options.files
@options.output
def check(
    paths: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    exclude: tuple[str, ...],
    extend_exclude: tuple[str, ...],
    force_exclude: bool | None,
    respect_gitignore: bool | None,
    stdin_filename: str | None,
    isolated: bool,
    output_format: str,
    show_statistics: bool,
    exit_zero: bool,
    color: str,
) -> None:
    """Report the einsum calls in PATHS that are wrong or have a simpler spelling.

    PATHS are files and folders, by default the current one; `-` is standard input.
    """
    threshold = Applicability.UNSAFE if unsafe_fixes else Applicability.SAFE
    run = Run(Mode(fix, diff, threshold))
    codes = (select, extend_select, ignore)
    overrides = Overrides(*codes, exclude, extend_exclude, force_exclude, respect_gitignore)
    project_of = resolver(overrides, isolated=isolated)
    paths = _existing(paths or (".",))
    try:
        project_of(Path.cwd())  # an unknown code is an error even where there is no file
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    if _STDIN in paths:
        visit_standard_input(stdin_filename, sys.stdin.buffer.read(), project_of, run)
    else:
        visit(paths, project_of, run)
    Output(output_format, show_statistics, color).show(run.outcome, run.mode)
    sys.exit(exit_code(run.outcome, run.mode, exit_zero=exit_zero))


def _existing(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The paths, if there is something at each of them."""
    if _STDIN in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` cannot be combined with other paths")
        return paths
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        raise click.UsageError(f"path does not exist: {missing[0]}")
    return paths
