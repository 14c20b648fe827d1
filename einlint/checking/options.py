"""The options of `einlint check`, in groups, as decorators for its function."""

from collections.abc import Callable
from typing import Any, TypeAlias

import click

from einlint.reporting.format import format_names

_Command: TypeAlias = Callable[..., Any]
_Decorator: TypeAlias = Callable[[_Command], _Command]


def fixing(command: _Command) -> _Command:
    """What becomes of fixes."""
    return _all(
        click.option("--fix", is_flag=True, help="Apply the safe fixes."),
        click.option(
            "--unsafe-fixes", is_flag=True, help="With --fix or --diff, apply the unsafe fixes too."
        ),
        click.option("--diff", is_flag=True, help="Print what --fix would change; write nothing."),
    )(command)


def selection(command: _Command) -> _Command:
    """Which rules are on."""
    return _all(
        _listed("--select", "CODES", "Rule codes or prefixes to report, or ALL."),
        _listed("--extend-select", "CODES", "Rule codes or prefixes to report in addition."),
        _listed("--ignore", "CODES", "Rule codes or prefixes not to report."),
    )(command)


def files(command: _Command) -> _Command:
    """Which files are visited, and under which settings."""
    return _all(
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
        click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
    )(command)


def output(command: _Command) -> _Command:
    """How the report looks, and what the exit code says."""
    return _all(
        click.option(
            "--output-format",
            type=click.Choice(format_names()),
            default="full",
            show_default=True,
            help="How to print the findings.",
        ),
        click.option(
            "--statistics", "show_statistics", is_flag=True, help="Print counts, not findings."
        ),
        click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings."),
        click.option(
            "--color",
            type=click.Choice(("auto", "always", "never")),
            default="auto",
            show_default=True,
            help="When to colour the findings.",
        ),
    )(command)


def _all(*options: _Decorator) -> _Decorator:
    """The options in this order, as if they stood above the function."""

    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _listed(name: str, metavar: str, text: str) -> _Decorator:
    return click.option(name, multiple=True, metavar=metavar, callback=_parts, help=text)


def _parts(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """The values between the commas of every use of the option."""
    parts = (part.strip() for text in texts for part in text.split(","))
    return tuple(part for part in parts if part)
