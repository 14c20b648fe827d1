"""`einlint bench`: every spelling of an equation, measured over a grid of sizes."""

import sys
import time
from pathlib import Path
from typing import Final

import click

from einlint.algebra.equation import Equation, EquationError, parse
from einlint.cli import bench_options as options
from einlint.cli.exit_code import FINDINGS, exit_with_error
from einlint.cli.grouped import GroupedCommand
from einlint.cli.progress import progress_bar
from einlint.cli.verify_request import modes_wanted
from einlint.cli.verify_run import (
    ENDING,
    with_report,
    with_torch,
    write,
)
from einlint.output.frame import caret_below
from einlint.verify.bench.formats import bench_format
from einlint.verify.bench.grid import Sweep, SweepError, sweep_for
from einlint.verify.bench.plan import BenchPlan, PlanError, plan_of
from einlint.verify.bench.report import BenchReport
from einlint.verify.case_sizes import unknown_indices
from einlint.verify.dtypes import DEFAULT_DTYPES

_INTERRUPTED: Final = 130


@click.command(cls=GroupedCommand)
@click.argument("equations", nargs=-1, required=True, metavar="EQUATION...")
@options.points
@options.machine
@options.output
def bench(
    equations: tuple[str, ...],
    given: dict[str, int],
    sweep: Sweep | None,
    dtypes: tuple[str, ...],
    compile_too: bool,
    device: str,
    threads: int | None,
    budget: float,
    format_name: str,
    output_file: Path | None,
) -> None:
    """Measure every spelling of an equation over a grid of sizes.

    einsum is compared with all that computes the same: `@`, torch.bmm, mm, mv, dot, tensordot and
    linear, products of reshaped operands, multiplying and summing. The report ranks them at each
    size, and says where the best one changes. It is einsum unless another one is surely faster.
    """
    # The start of the process counts towards the budget: until here it only used the CPU.
    deadline = time.monotonic() - time.process_time() + budget
    report_format = with_report(lambda: bench_format(format_name))
    parsed = tuple(dict.fromkeys(map(_parsed, equations)))
    for label in unknown_indices(given, parsed):
        raise click.UsageError(f"--size {label}: no equation has the index `{label}`")
    try:
        plans = [plan_of(each, given, sweep_for(each, given, sweep)) for each in parsed]
    except SweepError as error:
        raise click.UsageError(f"--sweep: {error}") from error
    except PlanError as error:
        raise click.UsageError(str(error)) from error
    chosen = dtypes or DEFAULT_DTYPES
    report = with_torch(lambda: _measure(plans, chosen, compile_too, device, threads, deadline))
    write(report_format.render(report), output_file)
    if report.interrupted:
        sys.exit(_INTERRUPTED)
    sys.exit(FINDINGS if report.is_empty else 0)


def _parsed(text: str) -> Equation:
    try:
        return parse(text)
    except EquationError as error:
        shown, caret = caret_below(text, error.column)
        reason = f"torch rejects this equation: {error.reason}"
        raise click.UsageError(f"{reason}\n  {shown}\n  {caret}") from error


def _measure(
    plans: list[BenchPlan],
    dtypes: tuple[str, ...],
    compile_too: bool,
    device: str,
    threads: int | None,
    deadline: float,
) -> BenchReport:
    # Imported here: only this needs torch.
    from einlint.verify.running.backend import DeviceError, device_and_backend
    from einlint.verify.running.bench import BenchMachine, bench_job, run_bench
    from einlint.verify.running.job import case_count

    try:
        found = device_and_backend(device, needs_device=True)
    except DeviceError as error:
        exit_with_error(str(error))
    budget = max(0.0, deadline - time.monotonic() - ENDING)
    modes = modes_wanted(backward=False, compile_too=compile_too)
    job = bench_job(plans, dtypes, modes, BenchMachine(*found, threads, budget))
    with progress_bar(case_count(job), "cases") as bar:
        return run_bench(job, plans, bar.update)
