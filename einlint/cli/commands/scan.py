"""`einlint scan`: check the sources in Parquet files, and write the findings to another."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import click

from einlint.cli import options
from einlint.cli.exit_code import TROUBLE, exit_with_error, print_notes
from einlint.cli.option_values import project_finder, require_existing
from einlint.cli.output_path import require_no_source
from einlint.cli.visit import cores
from einlint.printable import counted, printable
from einlint.project.files import write_report
from einlint.settings import Settings
from einlint.unusable import UnusableError

_INSTALL: Final = "scan reads Parquet and needs pyarrow: pip install 'einlint[scan]'"
_INTERRUPTED: Final = 130

_Value = TypeVar("_Value")


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCES.parquet...")
@options.output_file("The Parquet file for the findings.")
@click.option(
    "--path-column",
    metavar="NAME",
    default="path",
    show_default=True,
    help="The column with the names of the files.",
)
@click.option(
    "--content-column",
    metavar="NAME",
    default="content",
    show_default=True,
    help="The column with their contents, text or bytes.",
)
@click.option("--summary", "is_summed", is_flag=True, help="Print what was found, in numbers.")
@click.option(
    "--by",
    metavar="COLUMN",
    default="kind",
    show_default=True,
    help="Count by this column, of the sources or of the findings.",
)
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the summary as a page with a picture.",
)
@options.selection
@options.pedantic
@options.configuration
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="Use this many processes. [default: one for each core]",
)
def scan(
    sources: tuple[str, ...],
    output_file: Path | None,
    path_column: str,
    content_column: str,
    is_summed: bool,
    by: str,
    page: Path | None,
    config: Path | None,
    isolated: bool,
    jobs: int | None,
) -> None:
    """Check sources in Parquet files, a file in each row.

    The findings are written to -o FILE, which is a Parquet file, too.
    The same command goes on where a killed one has stopped: parts of the result are kept beside
    it until it is whole. Rows that cannot be checked are rows of the result, with the reason.

    Without -o, SOURCES are files of findings, for --summary and --html.
    """
    named = {os.path.realpath(each): each for each in require_existing(sources)}
    require_no_source(output_file, named.values())
    require_no_source(page, named.values())
    files = [Path(each) for each in named.values()]  # each once, whatever it is called
    if output_file is None and not (is_summed or page):
        raise click.UsageError(
            "-o FILE is needed for the findings; without it, --summary or --html"
        )
    settings = project_finder(options.overrides(), config, isolated)(os.getcwd()).settings
    try:
        if output_file is not None:
            columns = (path_column, content_column)
            _with_pyarrow(lambda: _scan(files, output_file, columns, settings, jobs or cores()))
        findings = files if output_file is None else [output_file]
        if is_summed or page is not None:
            _with_pyarrow(lambda: _sum_up(findings, by, page, is_printed=is_summed))
    except UnusableError as error:
        raise click.UsageError(printable(str(error))) from error


def _with_pyarrow(function: Callable[[], _Value]) -> _Value:
    """What the function returns; a line and exit code 2 where pyarrow is not installed."""
    try:
        return function()
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        exit_with_error(_INSTALL)


def _scan(
    sources: list[Path], output: Path, names: tuple[str, str], settings: Settings, jobs: int
) -> None:
    # Imported here: only this command needs pyarrow.
    from einlint.arrow.plan import Columns, plan_of
    from einlint.cli.scan_run import scan_into

    plan = plan_of(sources, Columns(*names), settings)
    try:
        scanned = scan_into(plan, output, jobs)
    except KeyboardInterrupt:
        print_notes(["interrupted: run the same command again to go on"])
        sys.exit(_INTERRUPTED)
    if scanned.failures:
        print_notes([*scanned.failures, f"{output} was not written; run again to go on"])
        sys.exit(TROUBLE)
    earlier = f" ({scanned.earlier:,} of them by an earlier run)" if scanned.earlier else ""
    rows = counted(scanned.done + scanned.earlier, "row")
    click.echo(f"{printable(str(output))} has the findings in {rows}{earlier}.", err=True)


def _sum_up(findings: list[Path], by: str, page: Path | None, *, is_printed: bool) -> None:
    from einlint.arrow.page import summary_page
    from einlint.arrow.summary import summary_of
    from einlint.arrow.summary_text import summary_text

    summary = summary_of(findings, by)
    if page is not None:
        write_report(page, summary_page(summary).encode())
    if is_printed:
        click.echo(summary_text(summary), nl=False)
