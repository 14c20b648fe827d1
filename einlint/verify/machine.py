"""Identify this machine: times measured on another kind of machine are not valid here."""

import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

_CPU_INFO: Final = Path("/proc/cpuinfo")
_CPU_COMMANDS: Final = (("lscpu",), ("sysctl", "machdep.cpu.brand_string"))
_CPU_KEYS: Final = ("model name", "machdep.cpu.brand_string")
_GPU_COMMAND: Final = ("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
_SECONDS: Final = 10


def machine() -> dict[str, str]:
    """The names of the host and its CPU."""
    return {"host": platform.node(), "cpu": cpu_name()}


def cpu_name() -> str:
    """The CPU model, as Linux, lscpu or macOS tells it; elsewhere what Python knows."""
    try:
        text = _CPU_INFO.read_text(errors="replace")
    except OSError:
        text = ""
    texts = (text, *(_printed(each) for each in _CPU_COMMANDS if not _model(text)))
    found = (_model(each) for each in texts)
    return next(filter(None, found), platform.processor() or platform.machine())


def machine_differences(environment: Mapping[str, Any]) -> tuple[str, ...]:
    """Where an environment differs from this machine, as `cpu there, not here`.

    Another name of the host is no difference. The build of torch (`+cpu`) is ignored, and so is
    its version if torch is not installed here. One thread is one thread on every machine; more
    were the default, or chosen, for as many CPUs as there were.

    Args:
        environment: `cpu`, `cpus`, `device`, `device_name`, `threads` and `torch` of a report.
    """
    return tuple(_differences(environment))


def _differences(there: Mapping[str, Any]) -> Iterator[str]:
    if there["cpu"] != (cpu := cpu_name()):
        yield f"cpu {there['cpu']}, not {cpu}"
    if there["device"].startswith("cuda") and there["device_name"] not in (gpus := _gpus()):
        yield f"device {there['device_name']}, not {' or '.join(gpus) or 'one that is known here'}"
    cpus = os.cpu_count()
    if there["threads"] != 1 and (there["cpus"] != cpus or there["threads"] > (cpus or 1)):
        yield f"threads {there['threads']} of {there['cpus']} CPUs, not of {cpus}"
    torch = _public(there["torch"])
    if (here := _torch()) not in (None, torch):
        yield f"torch {torch}, not {here}"


def _torch() -> str | None:
    try:
        return _public(version("torch"))
    except PackageNotFoundError:
        return None


def _public(version: str) -> str:
    return version.partition("+")[0]


def _model(text: str) -> str | None:
    """The CPU model in lines of `key: value`."""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip().lower() in _CPU_KEYS and value.strip():
            return value.strip()
    return None


def _gpus() -> list[str]:
    """The names of the NVIDIA devices of this machine, without torch."""
    return sorted({line.strip() for line in _printed(_GPU_COMMAND).splitlines() if line.strip()})


def _printed(command: tuple[str, ...]) -> str:
    """What a command prints; nothing if it is missing or fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
