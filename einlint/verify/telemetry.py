"""What drivers and their tools know about a card; an error of theirs loses no report."""

import subprocess
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

_Value = TypeVar("_Value")

# Our name of a value, and that of nvidia-smi.
_FIELDS: Final = (
    ("driver", "driver_version"),
    ("clock_mhz", "clocks.sm"),
    ("highest_clock_mhz", "clocks.max.sm"),
    ("memory_clock_mhz", "clocks.mem"),
)
_LONGEST: Final = 10


def or_none(read: Callable[[], _Value]) -> _Value | None:
    """What `read` returns; None if it raises."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - such libraries raise errors of classes of their own
        return None


def card_facts(uuid: str) -> Mapping[str, str | int | None]:
    """The driver and the clocks of the card with this uuid, by nvidia-smi.

    Needs no package besides the driver. What it does not know of a card is None.

    Raises:
        OSError, subprocess.SubprocessError: nvidia-smi is missing, fails, or does not end.
    """
    query = ",".join(name for _, name in _FIELDS)
    command = ["nvidia-smi", f"--id={uuid}", f"--query-gpu={query}"]
    done = subprocess.run(
        [*command, "--format=csv,noheader,nounits"],
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=True,
    )
    values = [value.strip() for value in done.stdout.strip().split(",")]
    return dict(zip((name for name, _ in _FIELDS), map(_read, values), strict=True))


def _read(value: str) -> str | int | None:
    """A number, a version, or None for a text like `[N/A]`."""
    if value.isdecimal():
        return int(value)
    return None if value.startswith("[") else value
