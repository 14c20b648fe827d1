"""Identify this machine: times measured on another machine are not valid here."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_CPU_INFO: Final = Path("/proc/cpuinfo")


def machine() -> dict[str, str]:
    """The names of the host and its CPU."""
    return {"host": platform.node(), "cpu": _cpu()}


def machine_differences(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Where an environment differs from this machine, as `host there, not here`.

    environment: `host`, `cpu` and `torch` of a report. The build of torch (`+cpu`) is ignored, and
        so is its version if torch is not installed here.
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
    """The CPU model from /proc on Linux, elsewhere from Python."""
    try:
        lines = _CPU_INFO.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    models = (
        value
        for key, _, value in (line.partition(":") for line in lines)
        if key.strip() == "model name"
    )
    return next(models, platform.processor() or platform.machine()).strip()
