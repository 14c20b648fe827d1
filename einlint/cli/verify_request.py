"""Request: the options and settings of verify together, checked without torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from einlint.cli.call_sizes import GivenSizes
from einlint.cli.option_values import is_index
from einlint.linting.trace_index import TraceIndex
from einlint.settings import VerifySettings, did_you_mean
from einlint.verify.case import Mode
from einlint.verify.dtypes import DTYPES
from einlint.verify.old_report import OldReport

_CUDA: Final = "cuda"


@dataclass(frozen=True, slots=True)
class Request:
    """What to verify, and how.

    presets: those on the command line; empty for the default ones.
    size_options: the sizes on the command line. given: those for all calls, and the sizes of the
        settings.
    deadline: the time on `time.monotonic` at which the budget ends.
    trace: run its sizes and dtypes instead.
    compare: the old report to compare with.
    has_candidates: compare all spellings, not the fix alone.
    """

    presets: tuple[str, ...]
    size_options: GivenSizes
    given: dict[str, int]
    dtypes: tuple[str, ...]
    device: str
    modes: tuple[Mode, ...]
    threads: int | None
    deadline: float
    profile_dir: Path | None
    flush_l2: bool
    tf32: bool | None = None
    trace: TraceIndex | None = None
    compare: OldReport | None = None
    has_candidates: bool = False

    def __post_init__(self) -> None:
        """Check that the device has what the options are about."""
        if self.device.partition(":")[0] == _CUDA:
            return
        if self.flush_l2:
            raise click.UsageError(f"`--flush-l2` needs a cuda device, not `{self.device}`")
        if self.tf32 is not None:
            name = "tf32" if self.tf32 else "no-tf32"
            raise click.UsageError(f"`--{name}` needs a cuda device, not `{self.device}`")


def modes_wanted(backward: bool, compile_too: bool) -> tuple[Mode, ...]:
    """The modes to run, in order."""
    also = ((Mode.BACKWARD, backward), (Mode.COMPILED, compile_too))
    return (Mode.FORWARD, *(mode for mode, is_wanted in also if is_wanted))


def device_wanted(device: str | None, cuda: bool) -> str | None:
    """The device that --device and --cuda select."""
    if not cuda:
        return device
    if device is not None and device.partition(":")[0] != _CUDA:
        raise click.UsageError(f"`--cuda` and `--device {device}` cannot be combined")
    return device or _CUDA


def dtypes_of(settings: VerifySettings) -> tuple[str, ...]:
    """The dtypes in the settings."""
    for name in settings.dtype:
        if name not in DTYPES:
            known = did_you_mean(name, DTYPES)
            raise click.UsageError(f"unknown dtype `{name}` in `verify.dtype`{known}")
    return settings.dtype


def sizes_of(settings: VerifySettings) -> dict[str, int]:
    """The sizes of indices in the settings."""
    for label, _ in settings.sizes:
        if not is_index(label):
            way_out = "use one letter or `...`"
            raise click.UsageError(f"`{label}` in `verify.sizes` is not an index: {way_out}")
    return dict(settings.sizes)
