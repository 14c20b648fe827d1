"""The options of verify, in groups, as decorators."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

from einlint.cli.call_sizes import given_sizes
from einlint.cli.option_values import split_commas
from einlint.cli.options import in_order, output_file
from einlint.discovery import module_names
from einlint.settings import did_you_mean
from einlint.unusable import UnusableError
from einlint.verify.case_sizes import DEFAULT_PRESETS, PRESETS
from einlint.verify.dtypes import DEFAULT_DTYPES, DTYPES
from einlint.verify.old_report import OldReport, read_old_report

_Command: TypeAlias = Callable[..., Any]
_Option: TypeAlias = Callable[[_Command], _Command]


def dtypes() -> _Option:
    """--dtype, which may be repeated."""
    return click.option(
        "--dtype",
        "dtypes",
        multiple=True,
        metavar="DTYPE,...",
        callback=_dtype_names,
        help=f"Dtypes to run. [default: {','.join(DEFAULT_DTYPES)}]",
    )


def threads() -> _Option:
    """--threads."""
    return click.option(
        "--threads",
        type=click.IntRange(min=1, max=os.cpu_count()),
        help="Threads for torch, at most one per CPU. [default: torch's own]",
    )


def budget(then: str) -> _Option:
    """--budget; `then` says what happens at its end."""
    return click.option(
        "--budget",
        type=click.FloatRange(min=0),
        default=120.0,
        show_default=True,
        metavar="SECONDS",
        help=then,
    )


def cases(command: _Command) -> _Command:
    """Options that select the cases: sizes, dtypes, modes."""
    return in_order(
        click.option(
            "--size",
            "given",
            multiple=True,
            metavar="[FILE:LINE:]INDEX=SIZE,...",
            callback=given_sizes,
            help="Sizes of indices in all calls, or in those on one line: b=64,h=8 or"
            " train.py:41:b=8; the code and presets give the other sizes.",
        ),
        click.option(
            "--preset",
            "presets",
            multiple=True,
            type=click.Choice(tuple(PRESETS)),
            help="Sizes by the role of each index, where the code shows none; may be repeated;"
            " huge is for GPUs, decode (one query) is for attention."
            f" [default: {', '.join(DEFAULT_PRESETS)}]",
        ),
        dtypes(),
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
        threads(),
        budget("Stop after this time; remaining cases are listed as not run."),
        click.option(
            "--flush-l2",
            is_flag=True,
            help="Empty the GPU's L2 cache before each run, and time the run alone, on the GPU.",
        ),
        click.option(
            "--tf32/--no-tf32",
            default=None,
            help="Let float32 matrix products use TF32 on the GPU, or not. [default: torch's own]",
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
            "--strict",
            is_flag=True,
            help="Exit with 1 if any call with a fix was not measured.",
        ),
        click.option(
            "--compare",
            "old_report",
            type=click.Path(path_type=Path),
            metavar="OLD.json",
            callback=_old_report,
            help="Say what is faster or slower than in an old JSON report from the same kind of"
            " machine; exit with 1 if something surely is slower, or a verdict turned so.",
        ),
        click.option(
            "--profile-dir",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help="Write a torch.profiler table and a Chrome trace of every case to this folder.",
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


def _dtype_names(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """The names of dtypes, without repeats."""
    names = split_commas(context, option, texts)
    for name in names:
        if name not in DTYPES:
            raise click.BadParameter(f"unknown dtype `{name}`{did_you_mean(name, DTYPES)}")
    return tuple(dict.fromkeys(names))


def _old_report(
    context: click.Context, option: click.Parameter, path: Path | None
) -> OldReport | None:
    try:
        return None if path is None else read_old_report(path)
    except UnusableError as error:
        raise click.UsageError(str(error)) from error
