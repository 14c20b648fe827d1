"""`einlint verify`: test whether replacements are right and faster on this machine."""

import sys
import time
from pathlib import Path
from typing import Final

import click

from einlint.cli import options as shared
from einlint.cli import verify_options as options
from einlint.cli.default_grants import missing_default_grants
from einlint.cli.exit_code import FINDINGS, TROUBLE, exit_with_error, print_notes
from einlint.cli.option_values import project_finder, require_existing
from einlint.cli.output_path import require_no_source
from einlint.cli.run import Outcome, Run, RunOptions
from einlint.cli.trace_file import trace_warnings
from einlint.cli.verify_request import Request, device_wanted, dtypes_of, modes_wanted, sizes_of
from einlint.cli.verify_run import chosen_format, dry_run_report, verify_report
from einlint.cli.visit import targets_below, visit
from einlint.linting.trace_index import TraceIndex
from einlint.project.files import write_report
from einlint.project.overrides import Overrides
from einlint.settings import VerifySettings
from einlint.verify.case_sizes import DEFAULT_PRESETS
from einlint.verify.dtypes import DEFAULT_DTYPES

_INTERRUPTED: Final = 130


@click.command()
@click.argument("paths", nargs=-1)
@options.cases
@options.machine
@options.output
@shared.selection
@shared.evidence
@shared.configuration
def verify(
    paths: tuple[str, ...],
    given: dict[str, int],
    presets: tuple[str, ...],
    dtypes: tuple[str, ...],
    device: str | None,
    cuda: bool,
    backward: bool,
    compile_too: bool,
    threads: int | None,
    budget: float,
    flush_l2: bool,
    min_speedup: float | None,
    profile_dir: Path | None,
    dry_run: bool,
    format_name: str,
    output_file: Path | None,
    trace: TraceIndex | None,
    config: Path | None,
    isolated: bool,
) -> None:
    """Run einsum calls and their replacements on random tensors.

    Every call in PATHS that has a fix is run, and the code that the fix would write. The two
    results are compared with each other and with float64; only a right replacement is timed.
    No other code from PATHS is run.
    """
    # The start of the process counts towards the budget: until here it only used the CPU.
    deadline = time.monotonic() - time.process_time() + budget
    report_format = chosen_format(format_name)
    overrides = shared.overrides()
    if trace is not None and (presets or given or dtypes):
        left_out = "no --preset, no --size and no --dtype"
        raise click.UsageError(f"`--trace` already gives the sizes and dtypes: use {left_out}")
    if dry_run and (compile_too or profile_dir is not None):
        left_out = "no --compile and no --profile-dir"
        raise click.UsageError(f"`--dry-run` runs nothing: use {left_out}")
    settings, outcome = _checked(paths or (".",), overrides, config, isolated, trace, output_file)
    request = Request(
        presets=presets or DEFAULT_PRESETS,
        size_options=given,
        given={**sizes_of(settings), **given},
        dtypes=dtypes or dtypes_of(settings) or DEFAULT_DTYPES,
        device=device_wanted(device, cuda) or settings.device or "cpu",
        modes=modes_wanted(backward, compile_too),
        threads=threads,
        deadline=deadline,
        profile_dir=profile_dir,
        flush_l2=flush_l2,
        trace=trace,
    )
    if dry_run:
        _write(report_format.render_dry_run(dry_run_report(outcome, request)), output_file)
        sys.exit(_exit_code(outcome, 0))
    report = verify_report(outcome, request)
    _write(report_format.render(report), output_file)
    code = _INTERRUPTED if report.interrupted else 0
    sys.exit(_exit_code(outcome, FINDINGS if report.fails(min_speedup) else code))


def _exit_code(outcome: Outcome, otherwise: int) -> int:
    """`otherwise`, or TROUBLE if a file could not be read; prints which."""
    print_notes(outcome.failures)
    return TROUBLE if outcome.failures else otherwise


def _checked(
    paths: tuple[str, ...],
    overrides: Overrides,
    config: Path | None,
    isolated: bool,
    trace: TraceIndex | None,
    output_file: Path | None,
) -> tuple[VerifySettings, Outcome]:
    """The settings of the current folder, and what check finds below the paths."""
    require_existing(paths)
    project_of = project_finder(overrides, config, isolated)
    run = Run(RunOptions(trace=trace, keeps_facts=True))
    targets = targets_below(paths, project_of, run)
    require_no_source(output_file, (each.path for each in targets))
    print_notes(missing_default_grants(targets))
    visit(targets, run, jobs=1)
    print_notes(trace_warnings(run.outcome) if trace is not None else ())
    return project_of(Path.cwd()).settings.verify, run.outcome


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        write_report(output, text.encode(errors="backslashreplace"))
    except OSError as error:
        sys.stdout.write(text)  # do not lose minutes of measuring
        exit_with_error(f"{output}: {error.strerror}")
