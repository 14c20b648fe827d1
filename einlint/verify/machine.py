"""What identifies this machine: times measured on another one say nothing here."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_CPU_INFO: Final = Path("/proc/cpuinfo")


def machine() -> dict[str, str]:
    """The names of the host and of its CPU."""
    return {"host": platform.node(), "cpu": _cpu()}


def differences(environment: Mapping[str, str]) -> tuple[str, ...]:
    """What an environment says otherwise than this machine, as `host there, not here`.

    environment: `host`, `cpu` and `torch` of a report. Which build of a version of torch it is
        (`+cpu`) does not count, and where torch is not installed the version does not either.
    """
    here = {**machine(), **_torch()}
    there = {**environment, "torch": _public(environment["torch"])}
    return tuple(
        f"{name} {there[name]}, not {value}" for name, value in here.items() if there[name] != value
    )


def _torch() -> dict[str, str]:
    try:
        return {"torch": _public(version("torch"))}
    except PackageNotFoundError:
        return {}


def _public(version: str) -> str:
    return version.partition("+")[0]


def _cpu() -> str:
    """The model where Linux tells it; elsewhere what Python knows."""
    try:
        lines = _CPU_INFO.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    models = (
        value
        for key, _, value in (each.partition(":") for each in lines)
        if key.strip() == "model name"
    )
    return next(models, platform.processor() or platform.machine()).strip()
