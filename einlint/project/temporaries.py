"""Temporary files beside those that they replace; what a killed process leaves is swept later.

They are found and swept by `einlint.project.sweeping`.
"""

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from pathlib import Path

_ENDING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


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
        # Its length does not depend on the name of the file, which may be as long as any can be.
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
