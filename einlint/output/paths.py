"""How files are named to other tools: as seen from the folder that einlint runs in."""

from pathlib import PurePath
from urllib.parse import quote


def portable_path(filename: str, root: str) -> str:
    """The file as seen from `root`, however it was given; one outside of it keeps its own name.

    Slashes are forward on every system.
    """
    path = PurePath(filename)
    if root and path.is_absolute() and path.is_relative_to(root):
        path = path.relative_to(root)
    return path.as_posix()


def uri(filename: str, root: str) -> str:
    """The same as a URI: relative and percent-encoded, absolute for a file outside of `root`."""
    path = portable_path(filename, root)
    if PurePath(path).is_absolute():
        return PurePath(path).as_uri()
    # What the system could not decode goes back to the bytes that it is.
    return quote(path, errors="surrogateescape")
