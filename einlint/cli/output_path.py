"""A file for the output must not be one of the sources: the report would replace it."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from einlint.printable import printable
from einlint.project.suffixes import SOURCES

if TYPE_CHECKING:
    from pathlib import Path


def checked_output(
    context: click.Context, option: click.Parameter, path: "Path | None"
) -> "Path | None":
    """The file of -o, whose name must not be that of a source."""
    if path is not None and path.suffix.lower() in SOURCES:
        raise _refused(path, f"a file with `{path.suffix}` is a source")
    return path


def require_no_source(output: "Path | None", sources: Iterable[str]) -> None:
    """Require that the file of -o is none of the files that the command reads.

    Raises:
        click.UsageError: it is, under this or another name.
    """
    if output is None:
        return
    try:
        place = os.stat(output)
    except OSError:
        return  # a new file
    if any(_is_at(place, each) for each in sources):
        raise _refused(output, "it is one of the sources")


def _is_at(place: os.stat_result, source: str) -> bool:
    try:
        return os.path.samestat(place, os.stat(source))
    except OSError:
        return False


def _refused(output: "Path", reason: str) -> click.UsageError:
    return click.UsageError(f"-o {printable(str(output))}: {reason}, which would be overwritten")
