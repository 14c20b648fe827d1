"""Temporary files beside those that they replace; what a killed process leaves is swept later."""

import fcntl
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from pathlib import Path

# Its length does not depend on the name of the file: that may be as long as the system allows.
_NAME: Final = re.compile(r"\.einlint-[0-9a-f]{16}\.tmp")
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

# Seconds; where the file system has no locks, age must say that nobody writes a file now.
_OLD: Final = 3600.0


@contextmanager
def temporary_in(folder: "Path", mode: int) -> Iterator[tuple["Path", BinaryIO]]:
    """A new file, open and locked for writing; if it still has its name at the end, it is removed.

    Signals that would end the process wait until then.

    Args:
        folder: where the file is made.
        mode: the mode bits; the umask of the process is taken from them.

    Raises:
        OSError: the folder is not writable, or is on a full disk.
    """
    with _ending_later():
        path, handle = _created(folder, mode)
        try:
            with os.fdopen(handle, "wb") as stream:
                yield path, stream
        finally:
            path.unlink(missing_ok=True)


def _created(folder: "Path", mode: int) -> tuple["Path", int]:
    """A file and its open handle, which holds a lock: `sweep` leaves the file alone."""
    while True:
        path = folder / f".einlint-{os.urandom(8).hex()}.tmp"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return path, handle
        os.close(handle)  # swept before it was locked


@contextmanager
def _ending_later() -> Iterator[None]:
    """Keep signals that end the process until the block is done."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python allows only the main thread to handle signals
        return
    caught: list[int] = []
    before = {each: signal.getsignal(each) for each in _ENDING}
    handled = [each for each, handler in before.items() if handler is not None]
    for each in handled:
        signal.signal(each, lambda number, frame: caught.append(number))
    try:
        yield
    finally:
        for each in handled:
            signal.signal(each, before[each])
        for number in caught:
            signal.raise_signal(number)


def is_temporary(name: str) -> bool:
    """Whether a file of this name was made by `temporary_in`."""
    return _NAME.fullmatch(name) is not None


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
