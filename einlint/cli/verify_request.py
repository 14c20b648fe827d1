"""Request: what options and settings ask for together, checked as far as that needs no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from einlint.cli.values import is_index
from einlint.linting.trace_index import TraceIndex
from einlint.settings import VerifySettings, did_you_mean
from einlint.verify.dtypes import DTYPES
from einlint.verify.report import Mode

_CUDA: Final = "cuda"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    asked: the sizes on the command line. given: those of the settings too.
    ends: when the budget is spent, on the clock of `time.monotonic`.
    trace: whose sizes and dtypes are run instead.
    """

    presets: tuple[str, ...]
    asked: dict[str, int]
    given: dict[str, int]
    dtypes: tuple[str, ...]
    device: str
    modes: tuple[Mode, ...]
    threads: int | None
    ends: float
    profile_dir: Path | None
    flush_l2: bool
    count_instructions: bool
    trace: TraceIndex | None = None

    def __post_init__(self) -> None:
        """See that what only some devices have is not asked of others."""
        kind = self.device.partition(":")[0]
        if self.flush_l2 and kind != _CUDA:
            raise click.UsageError(f"`--flush-l2` is for cuda: `{self.device}` has no such cache")
        if self.count_instructions and kind != "cpu":
            raise click.UsageError("`--instructions` counts those of the CPU: use --device cpu")


def modes_wanted(backward: bool, compile_too: bool) -> tuple[Mode, ...]:
    """The modes to run, in their order."""
    also = ((Mode.BACKWARD, backward), (Mode.COMPILED, compile_too))
    return (Mode.FORWARD, *(mode for mode, is_wanted in also if is_wanted))


def device_wanted(device: str | None, cuda: bool) -> str | None:
    """What --device and --cuda say together."""
    if not cuda:
        return device
    if device is not None and device.partition(":")[0] != _CUDA:
        raise click.UsageError(f"`--cuda` and `--device {device}` exclude each other")
    return device or _CUDA


def dtypes_of(settings: VerifySettings) -> tuple[str, ...]:
    """The dtypes that the settings name."""
    for name in settings.dtype:
        if name not in DTYPES:
            known = did_you_mean(name, DTYPES)
            raise click.UsageError(f"unknown dtype `{name}` in `verify.dtype`{known}")
    return settings.dtype


def sizes_of(settings: VerifySettings) -> dict[str, int]:
    """The sizes that the settings give to indices."""
    for label, _ in settings.sizes:
        if not is_index(label):
            raise click.UsageError(f"`{label}` in `verify.sizes` is no index")
    return dict(settings.sizes)
