"""Run a request with torch; what is missing here is one line and exit code 2."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

import click

from einlint.run import Outcome
from einlint.verify.found import rewrites_in
from einlint.verify.report import ForecastReport, VerifyReport
from einlint.verify.sizes import unknown_indices
from einlint.verifying.request import Request

if TYPE_CHECKING:
    from einlint.verify.runner import Job

TROUBLE: Final = 2
_INSTALL: Final = "verify runs the calls and needs torch: pip install 'einlint[verify]'"

_Value = TypeVar("_Value")


def refuse(message: str) -> NoReturn:
    """End with one line that says why."""
    click.echo(f"einlint: {message}", err=True)
    sys.exit(TROUBLE)


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
    from einlint.verify import runner

    try:
        return runner.verified(_job(outcome, request, must_be_here=True))
    except OSError as error:
        if request.profile_dir is None:
            raise
        refuse(f"{error.filename or request.profile_dir}: {error.strerror or error}")


def _forecast(outcome: Outcome, request: Request) -> ForecastReport:
    from einlint.verify.forecast import forecast

    return forecast(_job(outcome, request, must_be_here=False))


def _job(outcome: Outcome, request: Request, *, must_be_here: bool) -> "Job":
    # Imported here: only this command needs torch.
    from einlint.verify.backend import DeviceError, available, backend_of, device_named
    from einlint.verify.profiles import Profiles
    from einlint.verify.runner import Job

    try:
        device = device_named(request.device)
        backend = available(device) if must_be_here else backend_of(device)
    except DeviceError as error:
        refuse(str(error))
    rewrites, skipped = rewrites_in(outcome.diagnostics, outcome.texts)
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
        request.threads,
        request.budget,
        Profiles(request.profile_dir) if request.profile_dir is not None else None,
    )
