"""The options of verify, in groups, as decorators."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

from einlint.cli.option_values import index_sizes, split_commas
from einlint.cli.options import in_order, output_file
from einlint.discovery import module_names
from einlint.settings import did_you_mean
from einlint.verify.case_sizes import DEFAULT_PRESETS, PRESETS
from einlint.verify.dtypes import DEFAULT_DTYPES, DTYPES

_Command: TypeAlias = Callable[..., Any]


def cases(command: _Command) -> _Command:
    """Options that select the cases: sizes, dtypes, modes."""
    return in_order(
        click.option(
            "--size",
            "given",
            multiple=True,
            metavar="INDEX=SIZE,...",
            callback=index_sizes,
            help="Sizes of indices, for example b=64,h=8; presets give the other sizes.",
        ),
        click.option(
            "--preset",
            "presets",
            multiple=True,
            type=click.Choice(tuple(PRESETS)),
            help="Sizes by the role of each index; may be repeated."
            f" [default: {', '.join(DEFAULT_PRESETS)}]",
        ),
        click.option(
            "--dtype",
            "dtypes",
            multiple=True,
            metavar="DTYPE,...",
            callback=dtype_names,
            help=f"Dtypes to run. [default: {','.join(DEFAULT_DTYPES)}]",
        ),
        click.option(
            "--backward/--no-backward",
            default=True,
            help="Run with gradients too, or forward only. [default: both]",
        ),
        click.option(
            "--compile",
            "compile_too",
            is_flag=True,
            help="Time both sides under torch.compile too.",
        ),
        click.option(
            "--candidates",
            is_flag=True,
            help="Compare every spelling that is right, not only that of the fix.",
        ),
    )(command)


def machine(command: _Command) -> _Command:
    """Options for the device, the threads and the time."""
    return in_order(
        click.option(
            "--device",
            metavar="DEVICE",
            help="Device to run on: cpu, cuda, cuda:1, mps. [default: cpu]",
        ),
        click.option("--cuda", is_flag=True, help="Same as --device cuda."),
        click.option(
            "--threads",
            type=click.IntRange(min=1, max=os.cpu_count()),
            help="Threads for torch, at most one per CPU. [default: torch's own]",
        ),
        click.option(
            "--budget",
            type=click.FloatRange(min=0),
            default=120.0,
            show_default=True,
            metavar="SECONDS",
            help="Stop after this time; remaining cases are listed as not run.",
        ),
        click.option(
            "--flush-l2", is_flag=True, help="Empty the GPU's L2 cache before each block of runs."
        ),
    )(command)


def output(command: _Command) -> _Command:
    """Options for the report and the exit code."""
    return in_order(
        click.option(
            "--min-speedup",
            type=click.FloatRange(min=0, min_open=True),
            metavar="RATIO",
            help="Exit with 1 if the whole interval of a speed-up is below this ratio.",
        ),
        click.option(
            "--profile-dir",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help="Write torch.profiler tables and Chrome traces of every case to this folder.",
        ),
        click.option(
            "--dry-run",
            is_flag=True,
            help="Only count operators, copies, FLOPs and bytes; works without the device.",
        ),
        click.option(
            "--format",
            "format_name",
            type=click.Choice(module_names("einlint.verify.formats")),
            default="text",
            show_default=True,
            help="Format of the report.",
        ),
        output_file("Write the report to this file."),
    )(command)


def dtype_names(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """The names of dtypes, without repeats."""
    names = split_commas(context, option, texts)
    for name in names:
        if name not in DTYPES:
            raise click.BadParameter(f"unknown dtype `{name}`{did_you_mean(name, DTYPES)}")
    return tuple(dict.fromkeys(names))
