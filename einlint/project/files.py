"""Write files without ever leaving half of one on disk."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

NOTEBOOK: Final = ".ipynb"
"""The suffix of notebook files."""


def absolute(path: Path) -> Path:
    """The absolute path; links are not resolved."""
    return Path(os.path.abspath(path))


def _nothing() -> None:
    """The `check_again` of a file that no other program writes."""


def write_report(path: Path, data: bytes) -> None:
    """Write a file; it and its folder are created if they do not exist.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch()  # a new file gets the usual mode bits, not those of mkstemp
    if path.is_file():
        write_atomically(path, data)
    else:
        path.write_bytes(data)  # a pipe or a device must not be replaced by a file


def write_atomically(path: Path, data: bytes, check_again: Callable[[], None] = _nothing) -> None:
    """Replace the content of a file: afterwards it holds all of the old bytes or all of the new.

    Links and mode bits are kept.

    check_again: called just before the file is replaced; it may raise to prevent that.

    Raises:
        OSError: the file or its folder is not writable; the file is unchanged.
    """
    target = Path(os.path.realpath(path))
    status = target.stat()
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{path} is read-only")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(PermissionError):
            os.chown(temporary, status.st_uid, status.st_gid)
        temporary.chmod(stat.S_IMODE(status.st_mode))
        check_again()
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
