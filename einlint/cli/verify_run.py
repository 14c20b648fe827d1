"""Run a request with torch; what is missing here is one line and exit code 2."""

import os
import sys
import time
from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING, Final, TypeVar

import click

from einlint.cli.exit_code import refuse
from einlint.cli.run import Outcome
from einlint.cli.verify_request import Request
from einlint.verify.forecast_report import ForecastReport
from einlint.verify.formats import ReportFormat, format_named
from einlint.verify.found import Past, rewrites_in
from einlint.verify.report import VerifyReport
from einlint.verify.sizes import unknown_indices

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from einlint.verify.running.job import Job

# Seconds that the report, and torch where the process ends, take when all cases are done.
_ENDING: Final = 0.5
_INSTALL: Final = "verify runs the calls and needs torch: pip install 'einlint[verify]'"

_REPORT: Final = "this format needs {}: pip install 'einlint[report]'"

_Value = TypeVar("_Value")


def chosen_format(name: str) -> ReportFormat:
    """The format; what it needs is looked for before anything is measured."""
    try:
        return format_named(name)
    except ModuleNotFoundError as error:
        if error.name not in ("jinja2", "matplotlib"):
            raise
        refuse(_REPORT.format(error.name))


def verified(outcome: Outcome, request: Request) -> VerifyReport:
    """What comes of all cases of the findings."""
    return _with_torch(lambda: _verified(outcome, request))


def forecast(outcome: Outcome, request: Request) -> ForecastReport:
    """What a dry run tells of the findings."""
    return _with_torch(lambda: _forecast(outcome, request))


def _with_torch(function: Callable[[], _Value]) -> _Value:
    # torch's profiler tells standard error of its start and stop, unless this is set first.
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    try:
        return function()
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        refuse(_INSTALL)


def _verified(outcome: Outcome, request: Request) -> VerifyReport:
    from einlint.verify.running import runner
    from einlint.verify.running.job import case_count

    job = _job(outcome, request, must_be_here=True)
    try:
        with _progress(case_count(job)) as bar:
            return runner.verified(job, bar.update)
    except OSError as error:
        if request.profile_dir is None:
            raise
        refuse(f"{error.filename or request.profile_dir}: {error.strerror or error}")


def _progress(cases: int) -> "ProgressBar[int]":
    """Cases done of all, on a terminal; nothing in files and logs."""
    is_seen = sys.stderr.isatty() and not os.environ.get("CI")
    stream = sys.stderr if is_seen else StringIO()
    return click.progressbar(length=cases, label="cases", show_pos=True, file=stream)


def _forecast(outcome: Outcome, request: Request) -> ForecastReport:
    from einlint.verify.running.forecast import forecast

    return forecast(_job(outcome, request, must_be_here=False))


def _job(outcome: Outcome, request: Request, *, must_be_here: bool) -> "Job":
    # Imported here: only this command needs torch.
    from einlint.verify.running.backend import DeviceError, available, backend_of, device_named
    from einlint.verify.running.job import Job
    from einlint.verify.running.profiles import Profiles

    try:
        device = device_named(request.device)
        backend = available(device) if must_be_here else backend_of(device)
    except DeviceError as error:
        refuse(str(error))
    past = None if request.trace is None else Past(request.trace, device.type)
    rewrites, skipped = rewrites_in(outcome.diagnostics, outcome.places, past)
    equations = [each.pair.equation for each in rewrites]
    for label in unknown_indices(request.asked, equations):
        raise click.UsageError(f"no equation that has a fix has the index `{label}` of --size")
    return Job(
        rewrites,
        skipped,
        request.presets,
        request.given,
        request.dtypes,
        device,
        backend,
        request.modes,
        threads=request.threads,
        budget=max(0.0, request.ends - time.monotonic() - _ENDING),
        profiles=None if request.profile_dir is None else Profiles(request.profile_dir),
        flush_l2=request.flush_l2,
        recorded=None if request.trace is None else request.trace.total_seconds,
    )
