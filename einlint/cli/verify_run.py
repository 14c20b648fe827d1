"""Run a request with torch; a missing package or device ends with one line and exit code 2."""

import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from einlint.cli.call_sizes import require_known
from einlint.cli.exit_code import exit_with_error
from einlint.cli.progress import progress_bar
from einlint.cli.run import Outcome
from einlint.cli.verify_request import Request
from einlint.project.files import write_report
from einlint.verify.case_sizes import AFTER_CODE, DEFAULT_PRESETS
from einlint.verify.compared import compared_with
from einlint.verify.dry_run_report import DryRunReport
from einlint.verify.formats import ReportFormat, format_named
from einlint.verify.found_rewrites import DeviceTrace, rewrites_in, with_candidates
from einlint.verify.report import VerifyReport
from einlint.verify.unmeasured import Coverage, unmeasured_of

if TYPE_CHECKING:
    from einlint.verify.running.job import Job

ENDING: Final = 0.5
"""Seconds left for writing the report, and for torch to shut down, after the last case."""
_INSTALL: Final = "verify runs the calls and needs torch: pip install torch"

_REPORT: Final = "this format needs {}: pip install jinja2 matplotlib"

_Value = TypeVar("_Value")


def chosen_format(name: str) -> ReportFormat:
    """The format; missing packages are found here, before anything is measured."""
    return with_report(lambda: format_named(name))


def with_report(function: Callable[[], _Value]) -> _Value:
    """What the function returns; a line and exit code 2 where a package for pages is missing."""
    try:
        return function()
    except ModuleNotFoundError as error:
        if error.name not in ("jinja2", "matplotlib"):
            raise
        exit_with_error(_REPORT.format(error.name))


def verify_report(outcome: Outcome, request: Request) -> VerifyReport:
    """Compare and measure all cases of the findings."""
    return with_torch(lambda: _measure(outcome, request))


def dry_run_report(outcome: Outcome, request: Request) -> DryRunReport:
    """Count what all cases of the findings would dispatch."""
    return with_torch(lambda: _dry_run(outcome, request))


def with_torch(function: Callable[[], _Value]) -> _Value:
    """What the function returns; a line and exit code 2 where torch is not installed."""
    # torch's profiler prints its start and stop to standard error, unless this is set first.
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    try:
        with warnings.catch_warnings():
            # torch does without numpy, which `pip install torch` does not bring, and so do we.
            warnings.filterwarnings("ignore", "Failed to initialize NumPy")
            return function()
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        exit_with_error(_INSTALL)


def _measure(outcome: Outcome, request: Request) -> VerifyReport:
    from einlint.verify.running import runner
    from einlint.verify.running.job import case_count

    job, judged = _job(outcome, request, needs_device=True)
    _refuse_other_machine(job, request)
    try:
        with progress_bar(case_count(job), "cases") as bar:
            report = runner.run_job(job, bar.update)
    except OSError as error:
        if request.profile_dir is None:
            raise
        exit_with_error(f"{error.filename or request.profile_dir}: {error.strerror or error}")
    if request.trace is not None:
        changed = outcome.changed_since_trace
        coverage = Coverage(request.trace, judged, outcome.traced_files, changed)
        report = replace(report, unmeasured=unmeasured_of(coverage, job.rewrites, report))
    old = request.compare
    return report if old is None else replace(report, compared=compared_with(old, report))


def _refuse_other_machine(job: "Job", request: Request) -> None:
    """End before anything is measured if the old report says nothing about this machine."""
    from einlint.verify.running.environment import environment

    if request.compare is not None:
        here = environment(job.device, job.backend, job.thread_count)
        if (reason := request.compare.other_kind(here)) is not None:
            raise click.UsageError(f"--compare: {reason}: its times cannot be compared")


def _dry_run(outcome: Outcome, request: Request) -> DryRunReport:
    from einlint.verify.running.dry_run import dry_run

    job, _ = _job(outcome, request, needs_device=False)
    return dry_run(job)


def write(text: str, output: Path | None) -> None:
    """Write a report to a file; to standard output too if that fails."""
    if output is None:
        sys.stdout.write(text)
        return
    try:
        write_report(output, text.encode(errors="backslashreplace"))
    except OSError as error:
        sys.stdout.write(text)  # do not lose minutes of measuring
        exit_with_error(f"{output}: {error.strerror}")


def _job(
    outcome: Outcome, request: Request, *, needs_device: bool
) -> tuple["Job", Mapping[int, str | None]]:
    """The job, and why lines of the trace are not in it, by their identity."""
    # Imported here: only this command needs torch.
    from einlint.verify.running.backend import DeviceError, device_and_backend
    from einlint.verify.running.job import Job
    from einlint.verify.running.profiles import Profiles

    try:
        device, backend = device_and_backend(request.device, needs_device=needs_device)
    except DeviceError as error:
        exit_with_error(str(error))
    trace = None if request.trace is None else DeviceTrace(request.trace, device.type)
    rewrites, skipped, judged = rewrites_in(outcome.diagnostics, outcome.places, trace)
    given_at = require_known(request.size_options, rewrites)
    if request.has_candidates:
        rewrites = tuple(map(with_candidates, rewrites))
    job = Job(
        rewrites,
        skipped,
        request.presets or DEFAULT_PRESETS,
        request.given,
        request.dtypes,
        device,
        backend,
        request.modes,
        threads=request.threads,
        budget=max(0.0, request.deadline - time.monotonic() - ENDING),
        profiles=None if request.profile_dir is None else Profiles(request.profile_dir),
        flush_l2=request.flush_l2,
        tf32=request.tf32,
        recorded=None if request.trace is None else request.trace.total_seconds,
        given_at=given_at,
        presets_after_code=None if request.presets else AFTER_CODE,
    )
    return job, judged
