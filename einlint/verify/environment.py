"""What the numbers depend on: versions, the machine, the device, the threads."""

import platform

import torch

from einlint import __version__
from einlint.verify.backend import Backend


def environment(
    device: torch.device, backend: Backend, threads: int
) -> tuple[tuple[str, str | int], ...]:
    """Name -> value."""
    return (
        ("einlint", __version__),
        ("torch", torch.__version__),
        ("python", platform.python_version()),
        ("platform", platform.platform()),
        ("device", str(device)),
        ("device_name", backend.describe(device)),
        ("cpu_capability", torch.backends.cpu.get_cpu_capability()),
        ("threads", threads),
    )
