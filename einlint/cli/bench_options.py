"""The options of bench, in groups, as decorators."""

from collections.abc import Callable
from typing import Any, TypeAlias

import click

from einlint.cli.option_values import index_sizes
from einlint.cli.options import in_order, output_file
from einlint.cli.verify_options import budget, dtypes, threads
from einlint.discovery import module_names
from einlint.verify.bench.grid import Sweep, SweepError, sweep_named

_Command: TypeAlias = Callable[..., Any]


def points(command: _Command) -> _Command:
    """Options that select the points: sizes, dtypes, modes."""
    return in_order(
        click.option(
            "--size",
            "given",
            multiple=True,
            metavar="INDEX=SIZE,...",
            callback=index_sizes,
            help="Sizes of indices that stay the same, for example b=64,h=8.",
        ),
        click.option(
            "--sweep",
            metavar="INDEX=FROM..TO[:COUNT]",
            callback=_sweep,
            help="Sizes of one index, or of several together (qk=16..1024): powers of 4 from FROM"
            " on, or COUNT sizes in equal factors. Other indices without --size have 8 as batch"
            " axes, else 32. [default: powers of 4 for all indices without --size together]",
        ),
        dtypes(),
        click.option(
            "--compile", "compile_too", is_flag=True, help="Time all under torch.compile too."
        ),
    )(command)


def machine(command: _Command) -> _Command:
    """Options for the device, the threads and the time."""
    return in_order(
        click.option(
            "--device",
            metavar="DEVICE",
            default="cpu",
            show_default=True,
            help="Device to run on: cpu, cuda, cuda:1, mps.",
        ),
        threads(),
        budget("Stop after this time; what is measured by then is reported."),
    )(command)


def output(command: _Command) -> _Command:
    """Options for the report."""
    return in_order(
        click.option(
            "--format",
            "format_name",
            type=click.Choice(module_names("einlint.verify.bench.formats")),
            default="text",
            show_default=True,
            help="Format of the report; html has pictures.",
        ),
        output_file("Write the report to this file."),
    )(command)


def _sweep(context: click.Context, option: click.Parameter, text: str | None) -> Sweep | None:
    try:
        return None if text is None else sweep_named(text)
    except SweepError as error:
        raise click.BadParameter(str(error)) from error
