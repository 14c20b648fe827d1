"""The options of check, in groups, as decorators, and what they and PATHS cannot be."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import click

from einlint.baseline import Baseline, BaselineError, read_baseline
from einlint.checking.overrides import Overrides
from einlint.checking.resolver import resolver
from einlint.checking.tracing import trace_in
from einlint.config import Project
from einlint.reporting.format import format_names
from einlint.settings import SettingsError
from einlint.trace.index import TraceIndex
from einlint.trace.store import TraceError

_Command: TypeAlias = Callable[..., Any]
_Decorator: TypeAlias = Callable[[_Command], _Command]

_SIZE: Final = re.compile("0*[1-9][0-9]{0,17}")  # torch counts in 64 bits


def fixing(command: _Command) -> _Command:
    """What becomes of fixes."""
    return in_order(
        click.option("--fix", is_flag=True, help="Apply the safe fixes."),
        click.option(
            "--unsafe-fixes", is_flag=True, help="With --fix or --diff, apply the unsafe fixes too."
        ),
        click.option("--diff", is_flag=True, help="Print what --fix would change; write nothing."),
        click.option(
            "--add-ignore",
            metavar="[REASON]",
            is_flag=False,
            flag_value="",
            callback=_reason,
            help="Silence what is found, by comments in the files.",
        ),
        click.option(
            "--verified",
            "verified_report",
            type=click.Path(path_type=Path),
            metavar="REPORT",
            help="With --fix or --diff, only what verify found to be faster, by its JSON report.",
        ),
        click.option(
            "--verified-at-least",
            "verified_level",
            type=click.Choice(("faster", "same")),
            help="With --verified, the least verdict that every case has. [default: faster]",
        ),
        _listed("--fixable", "CODES", "Rule codes or prefixes whose fixes may be applied."),
        _listed("--unfixable", "CODES", "Rule codes or prefixes whose fixes are only shown."),
    )(command)


def selection(command: _Command) -> _Command:
    """Which rules are on."""
    return in_order(
        _listed("--select", "CODES", "Rule codes or prefixes to report, or ALL."),
        _listed("--extend-select", "CODES", "Rule codes or prefixes to report in addition."),
        _listed("--ignore", "CODES", "Rule codes or prefixes not to report."),
    )(command)


def accepted(command: _Command) -> _Command:
    """Which findings are accepted."""
    return click.option(
        "--baseline",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Accept the findings that `einlint baseline` has written to this file.",
    )(command)


def files(command: _Command) -> _Command:
    """Which files are visited, and under which settings."""
    return in_order(
        _listed("--exclude", "PATTERNS", "Files and folders not to visit, not the default ones."),
        _listed("--extend-exclude", "PATTERNS", "Files and folders not to visit in addition."),
        click.option(
            "--force-exclude/--no-force-exclude",
            default=None,
            help="Exclude paths that are named as well, as pre-commit names them.",
        ),
        click.option(
            "--respect-gitignore/--no-respect-gitignore",
            default=None,
            help="Whether to pass over what git ignores; by default it is.",
        ),
        click.option(
            "--stdin-filename",
            metavar="FILE",
            help="The name of the file that standard input holds.",
        ),
        configuration,
        jobs,
        click.option("--show-files", is_flag=True, help="Print the files that would be checked."),
        click.option(
            "--show-settings", is_flag=True, help="Print the settings for the first path."
        ),
    )(command)


def jobs(command: _Command) -> _Command:
    """How the work is shared."""
    return click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="N",
        help="How many processes share the work.",
    )(command)


def configuration(command: _Command) -> _Command:
    """Where the settings are from."""
    return in_order(
        click.option(
            "--config",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Take the settings from this file, and from no other.",
        ),
        click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
    )(command)


def evidence(command: _Command) -> _Command:
    """What is known of the calls beside their source."""
    return click.option(
        "--trace",
        type=click.Path(path_type=Path),
        metavar="FILE",
        callback=_trace,
        help="What `einlint trace` has recorded of the calls.",
    )(command)


def output(command: _Command) -> _Command:
    """How the report looks, and what the exit code says."""
    return in_order(
        click.option(
            "--output-format",
            type=click.Choice(format_names()),
            default="full",
            show_default=True,
            help="How to print the findings.",
        ),
        click.option(
            "-o",
            "--output-file",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Write the report, or the diff, to this file.",
        ),
        click.option(
            "--statistics", "show_statistics", is_flag=True, help="Print counts, not findings."
        ),
        click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings."),
        click.option(
            "--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 if anything was fixed."
        ),
        click.option("-q", "--quiet", is_flag=True, help="Print findings and no summary."),
        click.option(
            "-v", "--verbose", is_flag=True, help="Tell the files, the settings and the time."
        ),
        click.option(
            "--color",
            type=click.Choice(("auto", "always", "never")),
            default="auto",
            show_default=True,
            help="When to colour the findings.",
        ),
    )(command)


def in_order(*options: _Decorator) -> _Decorator:
    """Options in this order, as if they stood above the function."""

    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _listed(name: str, metavar: str, text: str) -> _Decorator:
    return click.option(name, multiple=True, metavar=metavar, callback=parts, help=text)


def index_sizes(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, int]:
    """The sizes of indices, as in `b=64,h=8`; of two for one index the later counts."""
    sizes: dict[str, int] = {}
    for part in parts(context, option, texts):
        label, _, number = (piece.strip() for piece in part.partition("="))
        if not is_index(label) or not _SIZE.fullmatch(number):
            raise click.BadParameter(f"`{part}` is not of the form INDEX=SIZE, as in b=64")
        sizes[label] = int(number)
    return sizes


def is_index(label: str) -> bool:
    """Whether an equation can have this index."""
    return label == "..." or (len(label) == 1 and label.isascii() and label.isalpha())


def _reason(context: click.Context, option: click.Parameter, reason: str | None) -> str | None:
    """What stands behind --add-ignore: a path there was not meant as the reason."""
    if reason and (reason == "-" or os.path.lexists(reason)):
        raise click.UsageError(f"--add-ignore takes `{reason}` for its reason: put PATHS first")
    if reason and not reason.isprintable():
        raise click.UsageError("the reason of --add-ignore is one line of text")
    return reason


def _trace(context: click.Context, option: click.Parameter, path: Path | None) -> TraceIndex | None:
    """The trace in a file."""
    way_out = "`einlint trace` records one"
    try:
        return None if path is None else trace_in(path)
    except OSError as error:
        raise click.UsageError(f"--trace {path}: {error.strerror or error}; {way_out}") from error
    except TraceError as error:
        raise click.UsageError(f"--trace {error}; {way_out}") from error


def parts(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """The values between the commas of every use of the option."""
    stripped = (part.strip() for text in texts for part in text.split(","))
    return tuple(part for part in stripped if part)


def existing(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The paths, if there is something at each of them."""
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        raise click.UsageError(f"path does not exist: {missing[0]}")
    return paths


def baseline_in(file: Path) -> Baseline:
    """The baseline in a file."""
    try:
        return read_baseline(file)
    except BaselineError as error:
        raise click.UsageError(str(error)) from error


def projects(
    overrides: Overrides, config: Path | None, isolated: bool
) -> Callable[[Path], Project]:
    """From an absolute folder to its project; the settings of the current one are looked at now."""
    if config is not None and isolated:
        raise click.UsageError("`--config` and `--isolated` exclude each other")
    project_of = resolver(overrides, config, isolated=isolated)
    try:
        project_of(Path.cwd())  # an unknown code is an error even where there is no file
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    return project_of
