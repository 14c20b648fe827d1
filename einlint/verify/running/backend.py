"""Backend: what differs from device to device, thin over torch; one file a device."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch

from einlint.discovery import member, module_names
from einlint.verify.report import Environment, Kernel

_PACKAGE = "einlint.verify.running.backends"

Run: TypeAlias = Callable[[], object]


class DeviceError(ValueError):
    """The device that was asked for is unknown, or is not here."""


@dataclass(frozen=True, slots=True)
class Backend:
    """One type of device.

    is_available: whether the device is here. describe: its name, for the report.
    now: the time in seconds once everything sent to the device is done.
    peak_bytes: the most that a run allocates at once; None where torch does not tell.
    kernels: what a run sends to the device; None where torch does not tell.
    has_float64: whether results can be compared on the device itself.
    about: what else the numbers depend on. flusher: makes what empties the device's L2 cache.
    """

    is_available: Callable[[torch.device], bool]
    describe: Callable[[torch.device], str]
    now: Callable[[], float]
    peak_bytes: Callable[[Run, torch.device], int | None]
    kernels: Callable[[Run], tuple[Kernel, ...] | None]
    has_float64: bool = True
    about: Callable[[torch.device], Environment] = lambda device: ()
    flusher: Callable[[torch.device], Run] | None = None


def device_named(text: str) -> torch.device:
    """The device that a text like `cuda:1` means, here or not.

    Raises:
        DeviceError: there is no backend for it.
    """
    name = text.partition(":")[0]
    if name in module_names(_PACKAGE):
        try:
            return torch.device(text)
        except RuntimeError:
            pass
    known = ", ".join(module_names(_PACKAGE))
    raise DeviceError(f"`{text}` is not a device that verify knows: {known}, or as in cuda:1")


def backend_of(device: torch.device) -> Backend:
    """The backend of a device that `device_named` made."""
    return member(_PACKAGE, device.type, Backend)


def available(device: torch.device) -> Backend:
    """The backend of a device that is here.

    Raises:
        DeviceError: it is not.
    """
    backend = backend_of(device)
    if not backend.is_available(device):
        way_out = "`--dry-run` needs none, and `--device cpu` measures here"
        raise DeviceError(f"torch {torch.__version__} finds no device `{device}`: {way_out}")
    return backend


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of torch says that there is not enough memory."""
    texts = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, MemoryError) or any(text in str(error) for text in texts)
