"""Write files without ever leaving half of one on disk, and keep what belongs to them."""

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from einlint.project.sweeping import sweep_folder
from einlint.project.temporaries import temporary_in

if TYPE_CHECKING:
    from pathlib import Path

# The system's own attributes: labels, which a new file gets from its folder, and signatures.
_SYSTEM: Final = "security."


def absolute(path: "Path") -> "Path":
    """The absolute path; links are not resolved."""
    from pathlib import Path

    return Path(os.path.abspath(path))


def _nothing() -> None:
    """The `check_again` of a file that no other program writes."""


def write_report(path: "Path", data: bytes) -> None:
    """Write a file; it and its folder are created if they do not exist.

    Afterwards it holds all of the old bytes or all of the new; a new file has all, or is not there.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a pipe or a device must not be replaced by a file
        return
    target = _resolved(path)
    sweep_folder(str(target.parent))
    if path.exists():
        write_atomically(target, data)
        return
    with temporary_in(target.parent, 0o666) as (temporary, stream):
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
        os.replace(temporary, target)


def write_atomically(path: "Path", data: bytes, check_again: Callable[[], None] = _nothing) -> None:
    """Replace the content of a file: afterwards it holds all of the old bytes or all of the new.

    Links, mode bits, owner, group and extended attributes are kept.

    check_again: called just before the file is replaced; it may raise to prevent that.

    Raises:
        OSError: the file or its folder is not writable, or something of the file would be lost;
            the file is unchanged.
    """
    target = _resolved(path)
    status = target.stat()
    _require_writable(target, status)
    with temporary_in(target.parent, 0o600) as (temporary, stream):
        stream.write(data)
        stream.flush()
        _keep(target, status, stream.fileno())
        os.fsync(stream.fileno())
        check_again()
        os.replace(temporary, target)


def _resolved(path: "Path") -> "Path":
    from pathlib import Path

    return Path(os.path.realpath(path))


def _require_writable(target: "Path", status: os.stat_result) -> None:
    if status.st_nlink > 1:
        # Written in place all names would change, but a crash would leave half of the file.
        names = f"it has {status.st_nlink} names (hard links), and only this one would change"
        raise OSError(errno.EMLINK, names)
    # The system lets root write any file; one that nobody may write is meant to stay as it is.
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EACCES, "it is read-only")
    if not os.access(target, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise PermissionError(errno.EACCES, "you may not write it")


def _keep(target: "Path", status: os.stat_result, handle: int) -> None:
    """Give an open file the owner, the group, the mode bits and the attributes of another one."""
    own = os.fstat(handle)
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        try:
            os.fchown(handle, status.st_uid, status.st_gid)
        except PermissionError as error:
            lost = "it belongs to another user or group, and would become yours"
            raise PermissionError(error.errno, lost) from error
    os.fchmod(handle, stat.S_IMODE(status.st_mode))
    if not hasattr(os, "listxattr"):
        return  # Python knows extended attributes on Linux only
    names = _attributes(target)
    for name in _attributes(handle):
        if name not in names and not name.startswith(_SYSTEM):
            os.removexattr(handle, name)  # an access list that new files get from their folder
    for name in names:
        value = os.getxattr(target, name)
        try:
            os.setxattr(handle, name, value)
        except OSError as error:
            if not name.startswith(_SYSTEM):
                lost = f"its extended attribute {name} would be lost"
                raise OSError(error.errno, lost) from error


def _attributes(file: "Path | int") -> list[str]:
    """The names of the extended attributes; none where the file system has none."""
    with suppress(OSError):
        return os.listxattr(file)
    return []
