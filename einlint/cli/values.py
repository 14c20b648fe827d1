"""What options and PATHS mean, and what they cannot be."""

import os
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

import click

from einlint.cli.tracing import trace_in
from einlint.linting.trace_index import TraceIndex
from einlint.project.baseline import Baseline, BaselineError, read_baseline
from einlint.project.configuration import Project
from einlint.project.overrides import Overrides
from einlint.project.resolver import resolver
from einlint.settings import SettingsError, did_you_mean
from einlint.trace.store import TraceError

_SIZE: Final = re.compile("0*[1-9][0-9]{0,17}")  # torch counts in 64 bits


def parts(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """The values between the commas of every use of the option."""
    stripped = (part.strip() for text in texts for part in text.split(","))
    return tuple(part for part in stripped if part)


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


def reason(context: click.Context, option: click.Parameter, text: str | None) -> str | None:
    """What stands behind --add-ignore: a path there was not meant as the reason."""
    if text and (text == "-" or os.path.lexists(text)):
        raise click.UsageError(f"--add-ignore takes `{text}` for its reason: put PATHS first")
    if text and not text.isprintable():
        raise click.UsageError("the reason of --add-ignore is one line of text")
    return text


def trace_at(
    context: click.Context, option: click.Parameter, path: Path | None
) -> TraceIndex | None:
    """The trace in a file."""
    way_out = "`einlint trace` records one"
    try:
        return None if path is None else trace_in(path)
    except OSError as error:
        raise click.UsageError(f"--trace {path}: {error.strerror or error}; {way_out}") from error
    except TraceError as error:
        raise click.UsageError(f"--trace {error}; {way_out}") from error


def existing(paths: tuple[str, ...], commands: Collection[str] = ()) -> tuple[str, ...]:
    """The paths, if there is something at each of them; a wrong one may be a command misspelled."""
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        near = did_you_mean(missing[0], commands)
        raise click.UsageError(f"path does not exist: {missing[0]}{near}")
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
