"""Backend: what differs between devices, a thin layer over torch; one file for each device."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TypeAlias

import torch

from einlint.discovery import member, module_names
from einlint.verify.report import Environment, Kernel
from einlint.verify.timing import TimeBlock

_PACKAGE = "einlint.verify.running.backends"

Run: TypeAlias = Callable[[], object]


class DeviceError(ValueError):
    """The device is unknown, or this machine does not have it."""


@dataclass(frozen=True, slots=True)
class Backend:
    """One type of device.

    is_available: whether this machine has the device. describe: its name, for the report.
    timer: makes what times a statement over names, for a number of threads.
    peak_bytes: peak memory that each run allocates; None if torch cannot measure it.
    kernels: the kernels that a run launches; None if torch cannot list them.
    has_float64: whether results can be compared on the device itself.
    about: what else the numbers depend on.
    cold_timer: like `timer`, with the L2 cache of the device emptied before each call.
    selected: makes it torch's current device; all of a run, and all above, happens within.
    free_bytes: memory that a run may still take; None if a run only finds out by trying.
    """

    is_available: Callable[[torch.device], bool]
    describe: Callable[[torch.device], str]
    timer: Callable[[str, Mapping[str, object], int], TimeBlock]
    peak_bytes: Callable[[Sequence[Run], torch.device], list[int | None]]
    kernels: Callable[[Run], tuple[Kernel, ...] | None]
    has_float64: bool = True
    about: Callable[[torch.device], Environment] = lambda device: ()
    cold_timer: Callable[[str, Mapping[str, object], torch.device], TimeBlock] | None = None
    selected: Callable[[torch.device], AbstractContextManager[object]] = nullcontext
    free_bytes: Callable[[torch.device], int | None] = lambda device: None


def device_named(text: str) -> torch.device:
    """The device named by a text like `cuda:1`; this machine need not have it.

    Raises:
        DeviceError: no backend supports it.
    """
    name = text.partition(":")[0]
    if name in module_names(_PACKAGE):
        try:
            return torch.device(text)
        except RuntimeError:
            pass
    known = ", ".join(module_names(_PACKAGE))
    raise DeviceError(f"`{text}` is not a known device: use {known}, or for example cuda:1")


def backend_of(device: torch.device) -> Backend:
    """The backend of a device that `device_named` made."""
    return member(_PACKAGE, device.type, Backend)


def available_backend(device: torch.device) -> Backend:
    """The backend of a device of this machine.

    Raises:
        DeviceError: this machine does not have it.
    """
    backend = backend_of(device)
    if not backend.is_available(device):
        way_out = "use `--dry-run`, which needs no device, or `--device cpu`"
        raise DeviceError(f"torch {torch.__version__} finds no device `{device}`: {way_out}")
    return backend


def device_and_backend(text: str, *, needs_device: bool) -> tuple[torch.device, Backend]:
    """The device named by a text, and its backend.

    Raises:
        DeviceError: it is unknown, or needed and missing.
    """
    device = device_named(text)
    return device, available_backend(device) if needs_device else backend_of(device)


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of torch means that memory is full."""
    texts = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, MemoryError) or any(text in str(error) for text in texts)
