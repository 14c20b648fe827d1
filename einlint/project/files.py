"""Files on disk: writing one without ever leaving half of it."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

NOTEBOOK: Final = ".ipynb"
"""How the name of a file with a notebook ends."""


def absolute(path: Path) -> Path:
    """The path from the root, its links left as they are."""
    return Path(os.path.abspath(path))


def write_report(path: Path, data: bytes) -> None:
    """Write a file that need not exist yet, nor its folder.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch()  # so that it gets the mode bits of any new file
    if path.is_file():
        write_atomically(path, data)
    else:
        path.write_bytes(data)  # a pipe or a device stays what it is


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the content of a file: afterwards it holds all of the old bytes or all of the new.

    A link stays a link, and the mode bits stay.

    Raises:
        OSError: the file or its folder does not take it; the file is as it was.
    """
    target = path.resolve()
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
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
