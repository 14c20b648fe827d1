"""Unified diffs of bytes, as `patch` and git take them: they know no newline but LF."""

import difflib
import os


def unified(filename: str, before: bytes, after: bytes) -> bytes:
    """The differences, with the name of the file before and after."""
    name = os.fsencode(filename)
    old, new = (_rows(each.splitlines(keepends=True)) for each in (before, after))
    lines = difflib.diff_bytes(difflib.unified_diff, old, new, name, name)
    missing = b"\n\\ No newline at end of file\n"
    return b"".join(line if line.endswith(b"\n") else line + missing for line in lines)


def _rows(pieces: list[bytes]) -> list[bytes]:
    """The pieces of `splitlines` put together again where they do not end in LF."""
    rows: list[bytes] = []
    for piece in pieces:
        if rows and not rows[-1].endswith(b"\n"):
            rows[-1] += piece
        else:
            rows.append(piece)
    return rows
