"""The options of check, in groups, as decorators."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import click

from einlint.cli.values import parts, reason, trace_at
from einlint.output.format import format_names
from einlint.project.overrides import Overrides
from einlint.settings import declared

_Command: TypeAlias = Callable[..., Any]
_Decorator: TypeAlias = Callable[[_Command], _Command]
_OVERRIDES: Final = "einlint.overrides"


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
        *map(_setting, ("fixable", "unfixable")),
    )(command)


def selection(command: _Command) -> _Command:
    """Which rules are on."""
    return in_order(*map(_setting, ("select", "extend-select", "ignore")))(command)


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
        *map(_setting, ("exclude", "extend-exclude", "force-exclude", "respect-gitignore")),
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


def overrides() -> Overrides:
    """The settings that the options of the current command give."""
    given: dict[str, object] = click.get_current_context().meta.get(_OVERRIDES, {})
    return Overrides(given)


def _setting(key: str) -> _Decorator:
    """The option that overrides a setting; what it is given is read by `overrides`."""
    setting = declared()[key]
    assert setting.option is not None, key
    metavar = setting.option.metavar
    return click.option(
        f"--{key}" if metavar else f"--{key}/--no-{key}",
        multiple=bool(metavar),
        metavar=metavar,
        default=None,
        expose_value=False,
        callback=_keep,
        help=setting.text,
    )


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    kept = parts(context, option, value) if option.multiple else value
    if kept is not None and kept != ():
        context.meta.setdefault(_OVERRIDES, {})[option.name] = kept
