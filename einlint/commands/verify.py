"""`einlint verify`: is a replacement right, and does it pay, on this machine."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

import click

from einlint.checking import options
from einlint.checking.overrides import Overrides
from einlint.checking.visit import targets_below, visit
from einlint.discovery import module_names
from einlint.files import write_report
from einlint.run import Mode, Outcome, Run
from einlint.settings import VerifySettings, did_you_mean
from einlint.verify.dtypes import DEFAULT_DTYPES, DTYPES
from einlint.verify.formats import format_named
from einlint.verify.found import rewrites_in
from einlint.verify.report import Mode as CaseMode
from einlint.verify.report import VerifyReport
from einlint.verify.sizes import DEFAULT_PRESETS, PRESETS, unknown_indices

if TYPE_CHECKING:
    from einlint.verify.runner import Job

_FAILED, _TROUBLE, _INTERRUPTED = 1, 2, 130
_INSTALL: Final = "verify runs the calls and needs torch: pip install 'einlint[verify]'"
_CUDA: Final = "cuda"

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class _Request:
    """What the options ask for, checked as far as that needs no torch.

    asked: the sizes on the command line. given: those of the settings too.
    """

    presets: tuple[str, ...]
    asked: dict[str, int]
    given: dict[str, int]
    dtypes: tuple[str, ...]
    device: str
    modes: tuple[CaseMode, ...]
    threads: int | None
    budget: float
    profile_dir: Path | None


def _sizes(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for part in options.parts(context, option, texts):
        label, _, number = (piece.strip() for piece in part.partition("="))
        if not _is_index(label) or not number.isdecimal() or int(number) < 1:
            raise click.BadParameter(f"`{part}` is not of the form INDEX=SIZE, as in b=64")
        sizes[label] = int(number)
    return sizes


def _dtypes(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    names = options.parts(context, option, texts)
    for name in names:
        if name not in DTYPES:
            raise click.BadParameter(f"unknown dtype `{name}`{did_you_mean(name, DTYPES)}")
    return tuple(dict.fromkeys(names))


@click.command()
@click.argument("paths", nargs=-1)
@click.option(
    "--size",
    "given",
    multiple=True,
    metavar="INDEX=SIZE,...",
    callback=_sizes,
    help="The sizes of indices, as in b=64,h=8; the presets give the others.",
)
@click.option(
    "--preset",
    "presets",
    multiple=True,
    type=click.Choice(tuple(PRESETS)),
    default=DEFAULT_PRESETS,
    show_default=True,
    help="Sizes by the roles of indices; may be repeated.",
)
@click.option(
    "--dtype",
    "dtypes",
    multiple=True,
    metavar="DTYPE,...",
    callback=_dtypes,
    help=f"The dtypes to run. [default: {','.join(DEFAULT_DTYPES)}]",
)
@click.option("--device", metavar="DEVICE", help="cpu, cuda, cuda:1, mps. [default: cpu]")
@click.option("--cuda", is_flag=True, help="The same as --device cuda.")
@click.option(
    "--backward/--no-backward", default=True, help="Time the gradients too. [default: both modes]"
)
@click.option(
    "--compile", "compile_too", is_flag=True, help="Time both sides under torch.compile as well."
)
@click.option("--threads", type=click.IntRange(min=1), help="Threads of torch. [default: torch's]")
@click.option(
    "--budget",
    type=click.FloatRange(min=0),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="Cases that do not fit are listed as not run.",
)
@click.option(
    "--min-speedup",
    type=click.FloatRange(min=0, min_open=True),
    metavar="RATIO",
    help="Exit with 1 if the whole interval of a ratio is below this.",
)
@click.option(
    "--profile-dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write tables and chrome traces of torch.profiler, of both sides of every case.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Run nothing: operators, copies, FLOPs and bytes; the device need not be here.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(module_names("einlint.verify.formats")),
    default="text",
    show_default=True,
    help="How to print the report.",
)
@click.option(
    "-o",
    "--output-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the report to this file.",
)
@options.selection
@options.configuration
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
    min_speedup: float | None,
    profile_dir: Path | None,
    dry_run: bool,
    format_name: str,
    output_file: Path | None,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    config: Path | None,
    isolated: bool,
) -> None:
    """Run every einsum call in PATHS that has a fix, and what the fix writes, on made-up tensors.

    A replacement is compared first, with the call and with float64, and timed only if it is
    right. Nothing of the code in PATHS is run beside the two expressions.
    """
    overrides = Overrides(select=select, extend_select=extend_select, ignore=ignore)
    settings, outcome = _checked(paths or (".",), overrides, config, isolated)
    place = _device(device, cuda) or settings.device or "cpu"
    sizes = {**_settings_sizes(settings), **given}
    dtypes = dtypes or _settings_dtypes(settings) or DEFAULT_DTYPES
    if dry_run and (compile_too or profile_dir is not None):
        raise click.UsageError("`--dry-run` runs nothing: no --compile and no --profile-dir")
    modes = _modes(backward, compile_too)
    request = _Request(presets, given, sizes, dtypes, place, modes, threads, budget, profile_dir)
    if dry_run:
        _write(_with_torch(lambda: _forecast(outcome, request, format_name)), output_file)
        sys.exit(_exit_code(outcome, 0))
    report = _with_torch(lambda: _verified(outcome, request))
    _write(format_named(format_name).render(report), output_file)
    code = _INTERRUPTED if report.interrupted else 0
    sys.exit(_exit_code(outcome, _FAILED if report.fails(min_speedup) else code))


def _modes(backward: bool, compile_too: bool) -> tuple[CaseMode, ...]:
    also = ((CaseMode.BACKWARD, backward), (CaseMode.COMPILED, compile_too))
    return (CaseMode.FORWARD, *(mode for mode, is_wanted in also if is_wanted))


def _exit_code(outcome: Outcome, otherwise: int) -> int:
    """The code where all files could be read; what could not be is told."""
    for failure in outcome.failures:
        click.echo(f"einlint: {failure}", err=True)
    return _TROUBLE if outcome.failures else otherwise


def _settings_dtypes(settings: VerifySettings) -> tuple[str, ...]:
    for name in settings.dtype:
        if name not in DTYPES:
            known = did_you_mean(name, DTYPES)
            raise click.UsageError(f"unknown dtype `{name}` in `verify.dtype`{known}")
    return settings.dtype


def _settings_sizes(settings: VerifySettings) -> dict[str, int]:
    for label, _ in settings.sizes:
        if not _is_index(label):
            raise click.UsageError(f"`{label}` in `verify.sizes` is no index")
    return dict(settings.sizes)


def _is_index(label: str) -> bool:
    return label == "..." or (len(label) == 1 and label.isascii() and label.isalpha())


def _device(device: str | None, cuda: bool) -> str | None:
    if not cuda:
        return device
    if device is not None and device.partition(":")[0] != _CUDA:
        raise click.UsageError(f"`--cuda` and `--device {device}` exclude each other")
    return device or _CUDA


def _checked(
    paths: tuple[str, ...], overrides: Overrides, config: Path | None, isolated: bool
) -> tuple[VerifySettings, Outcome]:
    """The settings where the command is run, and what check finds below the paths."""
    options.existing(paths)
    project_of = options.projects(overrides, config, isolated)
    run = Run(Mode())
    visit(targets_below(paths, project_of, run), run, jobs=1)
    return project_of(Path.cwd()).settings.verify, run.outcome


def _with_torch(function: Callable[[], _Value]) -> _Value:
    """What the function makes, or a word on how to install torch."""
    # torch's profiler tells standard error of its start and stop, unless this is set first.
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    try:
        return function()
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        _refuse(_INSTALL)


def _verified(outcome: Outcome, request: _Request) -> VerifyReport:
    from einlint.verify.runner import verified

    try:
        return verified(_job(outcome, request, must_be_here=True))
    except OSError as error:
        if request.profile_dir is None:
            raise
        _refuse(f"{error.filename or request.profile_dir}: {error.strerror or error}")


def _forecast(outcome: Outcome, request: _Request, format_name: str) -> str:
    from einlint.verify.forecast import forecast

    report = forecast(_job(outcome, request, must_be_here=False))
    return format_named(format_name).render_forecast(report)


def _job(outcome: Outcome, request: _Request, *, must_be_here: bool) -> "Job":
    # Imported here: only this command needs torch.
    from einlint.verify.backend import DeviceError, available, backend_of, device_named
    from einlint.verify.profiles import Profiles
    from einlint.verify.runner import Job

    try:
        device = device_named(request.device)
        backend = available(device) if must_be_here else backend_of(device)
    except DeviceError as error:
        _refuse(str(error))
    rewrites, skipped = rewrites_in(outcome.diagnostics, outcome.texts, outcome.notebooks)
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


def _refuse(message: str) -> NoReturn:
    click.echo(f"einlint: {message}", err=True)
    sys.exit(_TROUBLE)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        write_report(output, text.encode())
    except OSError as error:
        sys.stdout.write(text)  # minutes of measuring are not thrown away
        _refuse(f"{output}: {error.strerror}")
