"""`einlint check`: report, and with --fix mend, the einsum calls below some paths."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from einlint.config import Project, project_of
from einlint.diagnostics import Applicability
from einlint.files import absolute, python_files
from einlint.reporting.format import Report, format_named, format_names
from einlint.reporting.paint import Paint
from einlint.reporting.summary import statistics, summary
from einlint.rulebook.selection import selected_rules
from einlint.run import Mode, Outcome, Run
from einlint.settings import Settings, SettingsError

_STDIN: Final = "-"
_FINDINGS, _TROUBLE = 1, 2


@dataclass(frozen=True, slots=True)
class _Codes:
    """The rule codes given on the command line."""

    select: tuple[str, ...]
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]

    def over(self, settings: Settings) -> Settings:
        """The settings of the configuration with these on top; --select starts from nothing."""
        if self.select:
            settings = replace(settings, select=self.select, extend_select=(), ignore=())
        return replace(
            settings,
            extend_select=(*settings.extend_select, *self.extend_select),
            ignore=(*settings.ignore, *self.ignore),
        )


def _codes(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    parts = (part.strip() for text in texts for part in text.split(","))
    return tuple(part for part in parts if part)


def _reason(context: click.Context, option: click.Parameter, reason: str | None) -> str | None:
    """What stands behind --add-ignore: a path there was not meant as the reason."""
    if reason and (reason == _STDIN or os.path.lexists(reason)):
        raise click.UsageError(f"--add-ignore takes `{reason}` for its reason: put PATHS first")
    if reason and not reason.isprintable():
        raise click.UsageError("the reason of --add-ignore is one line of text")
    return reason


def _code_option(name: str, text: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option(name, multiple=True, metavar="CODES", callback=_codes, help=text)


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--fix", is_flag=True, help="Apply the safe fixes.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="With --fix or --diff, apply the unsafe fixes too."
)
@click.option("--diff", is_flag=True, help="Print what --fix would change; write nothing.")
@click.option(
    "--add-ignore",
    metavar="[REASON]",
    is_flag=False,
    flag_value="",
    callback=_reason,
    help="Silence what is found, by comments in the files.",
)
@_code_option("--select", "Rule codes or prefixes to report, or ALL.")
@_code_option("--extend-select", "Rule codes or prefixes to report in addition.")
@_code_option("--ignore", "Rule codes or prefixes not to report.")
@click.option(
    "--output-format",
    type=click.Choice(format_names()),
    default="full",
    show_default=True,
    help="How to print the findings.",
)
@click.option("--statistics", "show_statistics", is_flag=True, help="Print counts, not findings.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option(
    "--stdin-filename", metavar="FILE", help="The name of the file that standard input holds."
)
@click.option("--isolated", is_flag=True, help="Ignore all configuration files.")
@click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="When to colour the findings.",
)
def check(
    paths: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    add_ignore: str | None,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    output_format: str,
    show_statistics: bool,
    exit_zero: bool,
    stdin_filename: str | None,
    isolated: bool,
    color: str,
) -> None:
    """Report the einsum calls in PATHS that are wrong or have a simpler spelling.

    PATHS are files and folders, by default the current one; `-` is standard input.
    """
    threshold = Applicability.UNSAFE if unsafe_fixes else Applicability.SAFE
    if add_ignore is not None and (fix or diff):
        raise click.UsageError("--add-ignore goes alone: run --fix before it")
    mode = Mode(fix, diff, threshold, add_ignore)
    projects = _projects(isolated, _Codes(select, extend_select, ignore))
    run = Run(mode)
    try:
        projects(Path.cwd())  # an unknown code is an error even where there is no file
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    _visit(paths or (".",), stdin_filename, projects, run)
    _print(run.outcome, mode, output_format, show_statistics, color)
    sys.exit(_exit_code(run.outcome, mode, exit_zero=exit_zero))


def _projects(isolated: bool, codes: _Codes) -> Callable[[Path], Project]:
    def find(folder: Path) -> Project:
        project = Project(folder, Settings()) if isolated else project_of(folder)
        try:
            selected_rules(project.settings)
        except SettingsError as error:
            raise SettingsError(f"the settings of {project.root}: {error}") from error
        settings = codes.over(project.settings)
        selected_rules(settings)
        return replace(project, settings=settings)

    return find


def _visit(
    paths: Sequence[str],
    stdin_filename: str | None,
    projects: Callable[[Path], Project],
    run: Run,
) -> None:
    if _STDIN in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` cannot be combined with other paths")
        with run.noting_failures(stdin_filename or _STDIN):
            settings = projects(absolute(Path(stdin_filename or "x")).parent).settings
            data = sys.stdin.buffer.read()
            run.standard_input(stdin_filename or _STDIN, data, settings)
        return
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        raise click.UsageError(f"path does not exist: {missing[0]}")
    seen: set[Path] = set()
    for path in paths:
        for file in python_files(Path(path), projects, run.outcome.note):
            place = absolute(file)
            if place not in seen:
                seen.add(place)
                with run.noting_failures(str(file)):
                    run.file(file, projects(place.parent).settings)


def _print(
    outcome: Outcome, mode: Mode, output_format: str, show_statistics: bool, color: str
) -> None:
    """Sources and diffs go to standard output; then the findings go to standard error."""
    for output in outcome.outputs:
        sys.stdout.buffer.write(output)
    sys.stdout.buffer.flush()
    report = Report(
        tuple(outcome.diagnostics),
        outcome.texts,
        outcome.fixed if mode.fix and not mode.diff else None,
        outcome.unknown_equations,
        bool(outcome.failures),
        mode.threshold,
    )
    for failure in outcome.failures:
        click.echo(f"einlint: {failure}", err=True)
    if mode.reason is not None:
        noun = "comment" if outcome.comments == 1 else "comments"
        click.echo(f"{outcome.comments} {noun} written.", err=True)
    if mode.diff:
        count = f"{outcome.changed} file" if outcome.changed == 1 else f"{outcome.changed} files"
        click.echo(f"{count} would be changed.", err=True)
        return
    is_source_printed = bool(outcome.outputs)
    stream = sys.stderr if is_source_printed else sys.stdout
    stream.write(_rendered(report, output_format, show_statistics, _paint(color, stream.isatty())))


def _rendered(report: Report, output_format: str, show_statistics: bool, paint: Paint) -> str:
    chosen = format_named(output_format)
    if show_statistics:
        return statistics(report, chosen)
    text = chosen.render(report, paint)
    return text + summary(report) if chosen.is_for_people else text


def _paint(color: str, is_terminal: bool) -> Paint:
    if color != "auto":
        return Paint(color == "always")
    if os.environ.get("NO_COLOR"):
        return Paint(False)
    return Paint(is_terminal or bool(os.environ.get("FORCE_COLOR")))


def _exit_code(outcome: Outcome, mode: Mode, *, exit_zero: bool) -> int:
    if outcome.failures:
        return _TROUBLE
    has_findings = outcome.changed > 0 if mode.diff else bool(outcome.diagnostics)
    return _FINDINGS if has_findings and not exit_zero else 0
