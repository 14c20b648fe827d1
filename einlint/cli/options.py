"""The options of check, in groups, as decorators."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

from einlint.cli.values import parts, reason, trace_at
from einlint.output.format import format_names

_Command: TypeAlias = Callable[..., Any]
_Decorator: TypeAlias = Callable[[_Command], _Command]


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
            callback=reason,
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
        callback=trace_at,
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
        output_file("Write the report, or the diff, to this file."),
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


def output_file(text: str, default: str | None = None) -> _Decorator:
    """Where something is written; without a default to standard output."""
    return click.option(
        "-o",
        "--output-file",
        type=click.Path(dir_okay=False, path_type=Path),
        default=default,
        show_default=True,
        metavar="FILE",
        help=text,
    )


def in_order(*options: _Decorator) -> _Decorator:
    """Options in this order, as if they stood above the function."""

    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _listed(name: str, metavar: str, text: str) -> _Decorator:
    return click.option(name, multiple=True, metavar=metavar, callback=parts, help=text)
