"""`einlint verify`: test whether replacements are right and faster on this machine."""

import os
import sys
import time
from pathlib import Path
from typing import Final

import click

from einlint.cli import options as shared
from einlint.cli import verify_options as options
from einlint.cli.call_sizes import GivenSizes
from einlint.cli.default_grants import missing_default_grants
from einlint.cli.exit_code import FINDINGS, TROUBLE, print_notes
from einlint.cli.grouped import GroupedCommand
from einlint.cli.option_values import project_finder, require_existing
from einlint.cli.output_path import require_no_source
from einlint.cli.run import Outcome, Run, RunOptions
from einlint.cli.trace_file import trace_warnings
from einlint.cli.verify_request import Request, device_wanted, dtypes_of, modes_wanted, sizes_of
from einlint.cli.verify_run import chosen_format, dry_run_report, verify_report, write
from einlint.cli.visit import targets_below, visit, worth_reading
from einlint.linting.trace_index import TraceIndex
from einlint.project.overrides import Overrides
from einlint.settings import VerifySettings
from einlint.verify.dtypes import DEFAULT_DTYPES
from einlint.verify.old_report import OldReport
from einlint.verify.report import VerifyReport

_INTERRUPTED: Final = 130


@click.command(cls=GroupedCommand)
@click.argument("paths", nargs=-1)
@options.cases
@options.machine
@options.output
@shared.selection
@shared.evidence
@shared.configuration
def verify(
    paths: tuple[str, ...],
    given: GivenSizes,
    presets: tuple[str, ...],
    dtypes: tuple[str, ...],
    device: str | None,
    cuda: bool,
    backward: bool,
    compile_too: bool,
    candidates: bool,
    threads: int | None,
    budget: float,
    flush_l2: bool,
    tf32: bool | None,
    min_speedup: float | None,
    strict: bool,
    old_report: OldReport | None,
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
    if dry_run and (
        compile_too
        or candidates
        or strict
        or flush_l2
        or tf32 is not None
        or profile_dir is not None
        or old_report is not None
    ):
        left_out = (
            "no --compile, --candidates, --strict, --flush-l2, --tf32, --compare and --profile-dir"
        )
        raise click.UsageError(f"`--dry-run` runs nothing: use {left_out}")
    settings, outcome = _checked(paths or (".",), overrides, config, isolated, trace, output_file)
    request = Request(
        presets=presets,
        size_options=given,
        given={**sizes_of(settings), **given.everywhere},
        dtypes=dtypes or dtypes_of(settings) or DEFAULT_DTYPES,
        device=device_wanted(device, cuda) or settings.device or "cpu",
        modes=modes_wanted(backward, compile_too),
        threads=threads,
        deadline=deadline,
        profile_dir=profile_dir,
        flush_l2=flush_l2,
        tf32=tf32,
        trace=trace,
        compare=old_report,
        has_candidates=candidates,
    )
    if dry_run:
        write(report_format.render_dry_run(dry_run_report(outcome, request)), output_file)
        sys.exit(_exit_code(outcome, 0))
    report = verify_report(outcome, request)
    write(report_format.render(report), output_file)
    sys.exit(_exit_code(outcome, _result(report, min_speedup, strict)))


def _result(report: VerifyReport, min_speedup: float | None, strict: bool) -> int:
    """The exit code that the report gives."""
    is_worse = report.compared is not None and report.compared.fails
    if is_worse or report.fails(min_speedup):
        return FINDINGS
    if report.interrupted:
        return _INTERRUPTED
    return FINDINGS if report.is_incomplete(strict=strict) else 0


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
    run = Run(RunOptions(trace=trace, keeps_facts=True), Outcome())
    targets = targets_below(paths, project_of, run.outcome.failures, are_written=False)
    require_no_source(output_file, (each.name for each in targets))
    print_notes(missing_default_grants(targets))
    visit(worth_reading(targets), run, jobs=1)
    print_notes(trace_warnings(run.outcome) if trace is not None else ())
    return project_of(os.getcwd()).settings.verify, run.outcome
