"""Unified diffs of bytes, for `patch` and git: only LF ends a line there."""

import difflib
import os


def unified(filename: str, before: bytes, after: bytes) -> bytes:
    """The diff of one file, under its name."""
    name = os.fsencode(filename)
    old, new = (_lines(data.splitlines(keepends=True)) for data in (before, after))
    lines = difflib.diff_bytes(difflib.unified_diff, old, new, name, name)
    missing = b"\n\\ No newline at end of file\n"
    return b"".join(line if line.endswith(b"\n") else line + missing for line in lines)


def _lines(pieces: list[bytes]) -> list[bytes]:
    """Join the pieces of `splitlines` that do not end in LF: it splits at CR and others too."""
    lines: list[bytes] = []
    for piece in pieces:
        if lines and not lines[-1].endswith(b"\n"):
            lines[-1] += piece
        else:
            lines.append(piece)
    return lines
