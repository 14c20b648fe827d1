"""Unified diffs of bytes, for `patch` and git: only LF ends a line there."""

import difflib
import os

from einlint.output.paint import Paint


def unified(filename: str, before: bytes, after: bytes) -> bytes:
    """The diff of one file, under its name."""
    name = os.fsencode(filename)
    old, new = (_lines(data.splitlines(keepends=True)) for data in (before, after))
    lines = difflib.diff_bytes(difflib.unified_diff, old, new, name, name)
    missing = b"\n\\ No newline at end of file\n"
    return b"".join(line if line.endswith(b"\n") else line + missing for line in lines)


def painted(diff: bytes, paint: Paint) -> bytes:
    """The diff of one file as terminals show it; the same bytes without colours."""
    if not paint.is_on:
        return diff
    # Latin-1 turns any byte into a character, and back.
    lines = diff.decode("latin-1").split("\n")
    styles = {"@": paint.cyan, "+": paint.green, "-": paint.red}
    shown = [paint.bold(line) for line in lines[:2]]
    shown += [styles.get(line[:1], str)(line) for line in lines[2:]]
    return "\n".join(shown).encode("latin-1")


def _lines(pieces: list[bytes]) -> list[bytes]:
    """Join the pieces of `splitlines` that do not end in LF: it splits at CR and others too."""
    lines: list[bytes] = []
    for piece in pieces:
        if lines and not lines[-1].endswith(b"\n"):
            lines[-1] += piece
        else:
            lines.append(piece)
    return lines
