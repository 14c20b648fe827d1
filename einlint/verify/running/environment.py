"""Everything that the numbers depend on: versions, machine, device, threads."""

import os
import platform
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import torch

from einlint import __version__
from einlint.verify.machine import machine
from einlint.verify.report import Environment
from einlint.verify.running.backend import Backend

# The file that `python -m einlint` runs.
_MAIN: Final = "__main__.py"


def environment(device: torch.device, backend: Backend, threads: int) -> Environment:
    """Names and values; `device_name` is None if the device is missing.

    `date` is now, in UTC, and `command` what the user typed.
    """
    name = backend.describe(device) if backend.is_available(device) else None
    return (
        ("einlint", __version__),
        ("version", __version__),
        ("command", _command()),
        ("date", datetime.now(UTC).isoformat(timespec="seconds")),
        ("torch", torch.__version__),
        ("python", platform.python_version()),
        ("platform", platform.platform()),
        *machine().items(),
        ("device", str(device)),
        ("device_name", name),
        ("cpu_capability", torch.backends.cpu.get_cpu_capability()),
        ("threads", threads),
        *(backend.about(device) if name is not None else ()),
        ("cpus", os.cpu_count()),
        ("load_average", _load_average()),
    )


def _command() -> str:
    program = Path(sys.argv[0]).name
    return shlex.join(["einlint" if program == _MAIN else program, *sys.argv[1:]])


def _load_average() -> float | None:
    """The load average over the last minute; None on Windows."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
