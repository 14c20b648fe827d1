"""The options of verify, in groups, as decorators."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

from einlint.cli.options import in_order, output_file
from einlint.cli.values import index_sizes, parts
from einlint.discovery import module_names
from einlint.settings import did_you_mean
from einlint.verify.dtypes import DEFAULT_DTYPES, DTYPES
from einlint.verify.sizes import DEFAULT_PRESETS, PRESETS

_Command: TypeAlias = Callable[..., Any]


def cases(command: _Command) -> _Command:
    """What is run: sizes, dtypes, modes."""
    return in_order(
        click.option(
            "--size",
            "given",
            multiple=True,
            metavar="INDEX=SIZE,...",
            callback=index_sizes,
            help="The sizes of indices, as in b=64,h=8; the presets give the others.",
        ),
        click.option(
            "--preset",
            "presets",
            multiple=True,
            type=click.Choice(tuple(PRESETS)),
            help="Sizes by the roles of indices; may be repeated."
            f" [default: {', '.join(DEFAULT_PRESETS)}]",
        ),
        click.option(
            "--dtype",
            "dtypes",
            multiple=True,
            metavar="DTYPE,...",
            callback=_dtypes,
            help=f"The dtypes to run. [default: {','.join(DEFAULT_DTYPES)}]",
        ),
        click.option(
            "--backward/--no-backward",
            default=True,
            help="Time the gradients too. [default: both modes]",
        ),
        click.option(
            "--compile",
            "compile_too",
            is_flag=True,
            help="Time both sides under torch.compile as well.",
        ),
    )(command)


def machine(command: _Command) -> _Command:
    """Where it is run, and for how long."""
    return in_order(
        click.option("--device", metavar="DEVICE", help="cpu, cuda, cuda:1, mps. [default: cpu]"),
        click.option("--cuda", is_flag=True, help="The same as --device cuda."),
        click.option(
            "--threads",
            type=click.IntRange(min=1, max=os.cpu_count()),
            help="Threads of torch, one a CPU at most. [default: torch's]",
        ),
        click.option(
            "--budget",
            type=click.FloatRange(min=0),
            default=120.0,
            show_default=True,
            metavar="SECONDS",
            help="Cases that do not fit are listed as not run.",
        ),
        click.option(
            "--flush-l2", is_flag=True, help="Empty the GPU's L2 cache before each block of runs."
        ),
        click.option(
            "--instructions",
            "count_instructions",
            is_flag=True,
            help="Count instructions with valgrind, of the smallest forward cases; minutes each.",
        ),
    )(command)


def output(command: _Command) -> _Command:
    """What is written, and what the exit code says."""
    return in_order(
        click.option(
            "--min-speedup",
            type=click.FloatRange(min=0, min_open=True),
            metavar="RATIO",
            help="Exit with 1 if the whole interval of a ratio is below this.",
        ),
        click.option(
            "--profile-dir",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help="Write tables and chrome traces of torch.profiler, of both sides of every case.",
        ),
        click.option(
            "--dry-run",
            is_flag=True,
            help="Run nothing: operators, copies, FLOPs and bytes; the device need not be here.",
        ),
        click.option(
            "--format",
            "format_name",
            type=click.Choice(module_names("einlint.verify.formats")),
            default="text",
            show_default=True,
            help="How to print the report.",
        ),
        output_file("Write the report to this file."),
    )(command)


def _dtypes(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    names = parts(context, option, texts)
    for name in names:
        if name not in DTYPES:
            raise click.BadParameter(f"unknown dtype `{name}`{did_you_mean(name, DTYPES)}")
    return tuple(dict.fromkeys(names))
