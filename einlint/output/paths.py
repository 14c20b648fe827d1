"""File names for other tools: relative to the folder that einlint runs in."""

from pathlib import PurePath
from urllib.parse import quote


def portable_path(filename: str, root: str) -> str:
    """The path relative to `root`, with forward slashes; a file outside of it keeps its name."""
    path = PurePath(filename)
    if root and path.is_absolute() and path.is_relative_to(root):
        path = path.relative_to(root)
    return path.as_posix()


def uri(filename: str, root: str) -> str:
    """The same as a percent-encoded URI; absolute for a file outside of `root`."""
    path = portable_path(filename, root)
    if PurePath(path).is_absolute():
        return PurePath(path).as_uri()
    # Undecodable bytes of a file name are surrogates in Python; quote the original bytes.
    return quote(path, errors="surrogateescape")
