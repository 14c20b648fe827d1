"""`einlint verify`: is a replacement right, and does it pay, on this machine."""

import sys
import time
from pathlib import Path
from typing import Final

import click

from einlint.cli import options as shared
from einlint.cli import verify_options as options
from einlint.cli.exit_code import FINDINGS, TROUBLE, refuse, tell
from einlint.cli.granting import lacking
from einlint.cli.run import Mode, Outcome, Run
from einlint.cli.tracing import notes
from einlint.cli.values import existing, projects
from einlint.cli.verify_request import Request, device_wanted, dtypes_of, modes_wanted, sizes_of
from einlint.cli.verify_run import chosen_format, forecast, verified
from einlint.cli.visit import targets_below, visit
from einlint.linting.trace_index import TraceIndex
from einlint.project.files import write_report
from einlint.project.overrides import Overrides
from einlint.settings import VerifySettings
from einlint.verify.dtypes import DEFAULT_DTYPES
from einlint.verify.sizes import DEFAULT_PRESETS

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
    """Run einsum calls and their replacements on made-up tensors.

    Those are the calls in PATHS that have a fix, and what the fix writes. A replacement is
    compared first, with the call and with float64, and timed only if it is right. Nothing of
    the code in PATHS is run beside the two expressions.
    """
    # The start of the process counts too: until here it did little else than use the CPU.
    ends = time.monotonic() - time.process_time() + budget
    shape = chosen_format(format_name)
    overrides = shared.overrides()
    if trace is not None and (presets or given or dtypes):
        left_out = "no --preset, no --size and no --dtype"
        raise click.UsageError(f"`--trace` gives the sizes and dtypes: {left_out}")
    if dry_run and (compile_too or profile_dir is not None):
        left_out = "no --compile and no --profile-dir"
        raise click.UsageError(f"`--dry-run` runs nothing: {left_out}")
    settings, outcome = _checked(paths or (".",), overrides, config, isolated, trace)
    request = Request(
        presets=presets or DEFAULT_PRESETS,
        asked=given,
        given={**sizes_of(settings), **given},
        dtypes=dtypes or dtypes_of(settings) or DEFAULT_DTYPES,
        device=device_wanted(device, cuda) or settings.device or "cpu",
        modes=modes_wanted(backward, compile_too),
        threads=threads,
        ends=ends,
        profile_dir=profile_dir,
        flush_l2=flush_l2,
        trace=trace,
    )
    if dry_run:
        _write(shape.render_forecast(forecast(outcome, request)), output_file)
        sys.exit(_exit_code(outcome, 0))
    report = verified(outcome, request)
    _write(shape.render(report), output_file)
    code = _INTERRUPTED if report.interrupted else 0
    sys.exit(_exit_code(outcome, FINDINGS if report.fails(min_speedup) else code))


def _exit_code(outcome: Outcome, otherwise: int) -> int:
    """The code where all files could be read; what could not be is told."""
    tell(outcome.failures)
    return TROUBLE if outcome.failures else otherwise


def _checked(
    paths: tuple[str, ...],
    overrides: Overrides,
    config: Path | None,
    isolated: bool,
    trace: TraceIndex | None,
) -> tuple[VerifySettings, Outcome]:
    """The settings where the command is run, and what check finds below the paths."""
    existing(paths)
    project_of = projects(overrides, config, isolated)
    run = Run(Mode(trace=trace, keeps_facts=True))
    targets = targets_below(paths, project_of, run)
    tell(lacking(targets))
    visit(targets, run, jobs=1)
    tell(notes(run.outcome) if trace is not None else ())
    return project_of(Path.cwd()).settings.verify, run.outcome


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        write_report(output, text.encode(errors="backslashreplace"))
    except OSError as error:
        sys.stdout.write(text)  # minutes of measuring are not thrown away
        refuse(f"{output}: {error.strerror}")
