"""The options of check, in groups, as decorators."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias, get_args, get_origin

import click

from einlint.cli.option_values import FilePath, checked_reason, load_trace_option, split_commas
from einlint.cli.output_path import checked_output
from einlint.discovery import module_names
from einlint.project.overrides import Overrides
from einlint.settings import Settings, SettingsError, declared

_Command: TypeAlias = Callable[..., Any]
_Decorator: TypeAlias = Callable[[_Command], _Command]
AUTO: Final = 0
"""As many processes as pay for the files of a run."""

_OVERRIDES: Final = "einlint.overrides"


def fixing(command: _Command) -> _Command:
    """Options about fixes."""
    return in_order(
        click.option("--fix", is_flag=True, help="Apply the safe fixes."),
        click.option(
            "--unsafe-fixes",
            is_flag=True,
            help="With --fix or --diff, apply unsafe fixes too; implies --pedantic.",
        ),
        click.option(
            "--diff", is_flag=True, help="Print what --fix would change, and write nothing."
        ),
        click.option(
            "--add-ignore",
            metavar="[REASON]",
            is_flag=False,
            flag_value="",
            callback=checked_reason,
            help="Write an ignore comment, with this reason, for every finding.",
        ),
        click.option(
            "--verified",
            "verified_report",
            type=FilePath(),
            metavar="REPORT",
            help="Report the fixes that verify found faster (JSON report); apply only those.",
        ),
        click.option(
            "--verified-at-least",
            "verified_level",
            type=click.Choice(("faster", "same")),
            help="With --verified, the verdict that every case must reach. [default: faster]",
        ),
        click.option(
            "--accept-busy",
            is_flag=True,
            help="With --verified, take a report from a machine that other programs kept busy.",
        ),
        *map(_setting, ("fixable", "unfixable")),
    )(command)


def selection(command: _Command) -> _Command:
    """Options that select the rules."""
    return in_order(*map(_setting, ("select", "extend-select", "ignore")))(command)


def pedantic(command: _Command) -> _Command:
    """The option that shows everything."""
    return _setting("pedantic")(command)


def accepted(command: _Command) -> _Command:
    """The option that accepts findings."""
    return click.option(
        "--baseline",
        type=FilePath(),
        metavar="FILE",
        help="Do not report the findings in this file, written by `einlint baseline`.",
    )(command)


def files(command: _Command) -> _Command:
    """Options that select the files and their settings."""
    return in_order(
        *map(_setting, ("exclude", "extend-exclude", "force-exclude", "respect-gitignore")),
        click.option(
            "--stdin-filename",
            metavar="FILE",
            help="The file name of the code on standard input.",
        ),
        configuration,
        jobs,
        click.option("--show-files", is_flag=True, help="Print the files that would be checked."),
        click.option(
            "--show-settings", is_flag=True, help="Print the settings that apply to the first path."
        ),
    )(command)


class _Jobs(click.IntRange):
    """A number of processes, or `auto`, which is AUTO."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        return AUTO if value in ("auto", AUTO) else super().convert(value, param, ctx)


def jobs(command: _Command) -> _Command:
    """The option for worker processes."""
    return click.option(
        "-j",
        "--jobs",
        type=_Jobs(min=1),
        default="auto",
        show_default=True,
        metavar="N",
        help="Check files in this many processes; auto: in several, if there is enough to check.",
    )(command)


def configuration(command: _Command) -> _Command:
    """Options that select the settings files."""
    return in_order(
        click.option(
            "--config",
            type=FilePath(exists=True, dir_okay=False),
            metavar="FILE",
            help="Read settings from this file only.",
        ),
        click.option("--isolated", is_flag=True, help="Read no settings file."),
    )(command)


def evidence(command: _Command) -> _Command:
    """The option for a trace."""
    return click.option(
        "--trace",
        type=FilePath(),
        metavar="FILE",
        callback=load_trace_option,
        help="Use this trace, recorded by `einlint trace`.",
    )(command)


def output(command: _Command) -> _Command:
    """Options for the report and the exit code."""
    return in_order(
        click.option(
            "--output-format",
            type=click.Choice(module_names("einlint.output.formats")),
            default="full",
            show_default=True,
            help="Format of the report.",
        ),
        output_file("Write the report or the diff to this file."),
        click.option(
            "--statistics",
            "show_statistics",
            is_flag=True,
            help="Print counts instead of findings.",
        ),
        pedantic,
        click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings."),
        click.option(
            "--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 if anything was fixed."
        ),
        click.option(
            "-q", "--quiet", is_flag=True, help="Print findings without a summary or notes."
        ),
        click.option(
            "-v", "--verbose", is_flag=True, help="Print files, settings sources and elapsed time."
        ),
        click.option(
            "--color",
            type=click.Choice(("auto", "always", "never")),
            default="auto",
            show_default=True,
            help="When to colour the report.",
        ),
    )(command)


def output_file(text: str, default: str | None = None) -> _Decorator:
    """The option for an output file; without a default, output goes to standard output."""
    return click.option(
        "-o",
        "--output-file",
        type=FilePath(dir_okay=False),
        default=default,
        show_default=True,
        metavar="FILE",
        callback=checked_output,
        help=text,
    )


def in_order(*options: _Decorator) -> _Decorator:
    """Add options to a command; `--help` shows them in this order."""

    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def overrides() -> Overrides:
    """The settings given by options of the current command."""
    given: dict[str, object] = click.get_current_context().meta.get(_OVERRIDES, {})
    return Overrides(given)


def _setting(key: str) -> _Decorator:
    """The option that overrides a setting, by its type: a flag, a list, or one value."""
    setting = declared()[key]
    assert setting.option is not None, key
    hint: Any = Settings.__annotations__[key.replace("-", "_")]
    is_list = any(get_origin(kind) is tuple for kind in (hint, *get_args(hint)))

    def keep(context: click.Context, option: click.Parameter, value: Any) -> None:
        """Leave what is given to `overrides`, as the setting's reader reads it."""
        given = list(split_commas(context, option, value)) if is_list else value
        if given is None or given == []:
            return
        try:
            read = setting.read(key, given)
        except SettingsError as error:
            raise click.BadParameter(str(error)) from error
        context.meta.setdefault(_OVERRIDES, {})[option.name] = read

    return click.option(
        f"--{key}/--no-{key}" if hint is bool else f"--{key}",
        type=hint if hint in (bool, int, float) else str,
        multiple=is_list,
        metavar=setting.option.metavar,
        default=None,
        expose_value=False,
        callback=keep,
        help=setting.text,
    )
