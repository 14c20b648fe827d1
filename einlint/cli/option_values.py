"""Read and check the values of options and PATHS."""

import os
import re
import sys
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any, Final

import click

from einlint.printable import printable
from einlint.project.configuration import Project
from einlint.project.overrides import Overrides
from einlint.project.resolver import resolver
from einlint.settings import did_you_mean
from einlint.unusable import UnusableError, errors_at

if TYPE_CHECKING:
    from pathlib import Path

    from einlint.linting.trace_index import TraceIndex
    from einlint.project.baseline import Baseline

_SIZE: Final = "0*[1-9][0-9]{0,17}"  # torch counts in 64 bits


class FilePath(click.Path):
    """A path as an object, which is made only of a path that is given."""

    def coerce_path_result(self, value: Any) -> "Path":
        """The value as a path."""
        from pathlib import Path

        return Path(os.fsdecode(value))


def split_commas(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """The comma-separated values of all uses of an option."""
    stripped = (part.strip() for text in texts for part in text.split(","))
    return tuple(part for part in stripped if part)


def index_sizes(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, int]:
    """The sizes of indices, as in `b=64,h=8`; a later size replaces an earlier one."""
    return read_sizes(split_commas(context, option, texts))


def read_sizes(parts: Iterable[str]) -> dict[str, int]:
    """The sizes of indices, each as in `b=64`; a later size replaces an earlier one.

    Raises:
        click.BadParameter: a part is something else.
    """
    sizes: dict[str, int] = {}
    for part in parts:
        label, _, number = (piece.strip() for piece in part.partition("="))
        if not is_index(label) or not re.fullmatch(_SIZE, number):
            raise click.BadParameter(f"`{part}` is not INDEX=SIZE, as in b=64")
        sizes[label] = int(number)
    return sizes


def is_index(label: str) -> bool:
    """Whether an equation can have this index."""
    return label == "..." or (len(label) == 1 and label.isascii() and label.isalpha())


def checked_reason(context: click.Context, option: click.Parameter, text: str | None) -> str | None:
    """The reason after --add-ignore; an existing path there is a mistake, not a reason."""
    if text and (text == "-" or os.path.lexists(text)):
        raise click.UsageError(
            f"--add-ignore reads `{printable(text)}` as its reason: put PATHS before it"
        )
    if text and not text.isprintable():
        raise click.UsageError("the reason of --add-ignore must be one line of printable text")
    return text


def load_trace_option(
    context: click.Context, option: click.Parameter, path: "Path | None"
) -> "TraceIndex | None":
    """The trace in the file of --trace."""
    if path is None:
        return None
    from einlint.cli.trace_file import load_trace
    from einlint.trace.store import TraceError

    way_out = "`einlint trace` records one"
    try:
        return load_trace(path)
    except OSError as error:
        raise click.UsageError(
            f"--trace {printable(str(path))}: {error.strerror or error}; {way_out}"
        ) from error
    except TraceError as error:
        raise click.UsageError(f"--trace {printable(str(error))}; {way_out}") from error


def require_existing(paths: tuple[str, ...], commands: Collection[str] = ()) -> tuple[str, ...]:
    """The paths, which must exist; a missing one may be a misspelled command."""
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        near = did_you_mean(missing[0], commands)
        raise click.UsageError(f"path does not exist: {printable(missing[0])}{near}")
    return paths


def read_standard_input() -> bytes:
    """All bytes of standard input.

    Raises:
        UnusableError: standard input is closed or cannot be read.
    """
    with errors_at("standard input"):
        if sys.stdin is None:
            raise ValueError("it is closed")
        return sys.stdin.buffer.read()


def load_baseline(file: "Path") -> "Baseline":
    """The baseline in a file."""
    from einlint.project.baseline import BaselineError, read_baseline

    try:
        return read_baseline(file)
    except BaselineError as error:
        raise click.UsageError(printable(str(error))) from error


def project_finder(
    overrides: Overrides, config: "Path | None", isolated: bool
) -> Callable[[str], Project]:
    """A function from an absolute folder to its project; checks the current folder at once."""
    if config is not None and isolated:
        raise click.UsageError("`--config` and `--isolated` cannot be combined")
    project_of = resolver(overrides, config, isolated=isolated)
    with errors_at("the current folder"):
        here = os.getcwd()
    try:
        project_of(here)  # wrong settings are an error even if no file is checked
    except UnusableError as error:
        raise click.UsageError(printable(str(error))) from error
    return project_of
