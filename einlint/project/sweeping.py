"""Sweep the temporary files that killed processes left; every walk over folders does it."""

import fcntl
import os
import re
import time
from contextlib import suppress
from typing import Final

_NAME: Final = r"\.einlint-[0-9a-f]{16}\.tmp"

# Seconds; where the file system has no locks, age must say that nobody writes a file now.
_OLD: Final = 3600.0


def is_temporary(name: str) -> bool:
    """Whether a file of this name was made by `einlint.project.temporaries`."""
    return re.fullmatch(_NAME, name) is not None


def sweep(path: str) -> None:
    """Remove a temporary file, unless a process still writes it or it may not be removed."""
    with suppress(OSError):
        # Whoever else made something of this name: no link is followed, no pipe waited for.
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if _is_unused(handle):
                os.unlink(path)
        finally:
            os.close(handle)


def sweep_folder(folder: str) -> None:
    """Remove the temporary files in a folder that no process writes now."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            if is_temporary(entry.name):
                sweep(entry.path)


def _is_unused(handle: int) -> bool:
    """Whether no process holds the lock of an open file; afterwards this one holds it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return time.time() - os.fstat(handle).st_mtime > _OLD
    return True
