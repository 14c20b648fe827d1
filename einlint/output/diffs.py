"""Unified diffs of bytes, for `patch` and git: only LF ends a line there."""

import difflib
import os
import re
from typing import Final

from einlint.output.paint import Paint
from einlint.printable import printable

_QUOTED: Final = re.compile(rb'["\\]')


def unified(filename: str, before: bytes, after: bytes) -> bytes:
    """The diff of one file, under its name."""
    name = _quoted(filename)
    old, new = (_lines(data.splitlines(keepends=True)) for data in (before, after))
    lines = difflib.diff_bytes(difflib.unified_diff, old, new, name, name)
    missing = b"\n\\ No newline at end of file\n"
    return b"".join(line if line.endswith(b"\n") else line + missing for line in lines)


def _quoted(filename: str) -> bytes:
    """A file name as git writes it: in quotes and with escapes, where it is not plain text."""
    name = os.fsencode(filename)
    if filename == printable(filename) and not _QUOTED.search(name):
        return name
    escaped = re.sub(rb"[^ -~]|[\"\\#]", lambda found: _escape(found[0]), name)
    return b'"' + escaped + b'"'


def _escape(character: bytes) -> bytes:
    return b"\\" + (character if _QUOTED.match(character) else b"%03o" % character[0])


def for_terminal(diff: bytes) -> bytes:
    """Source or a diff with escapes for what a terminal obeys; not for `patch` or git."""
    lines = diff.decode(errors="backslashreplace").split("\n")
    return "\n".join(map(_escaped, lines)).encode()


def _escaped(line: str) -> str:
    """One line; tabs, and the carriage return of its end, move nothing that is behind them."""
    return "\t".join(map(printable, line.removesuffix("\r").split("\t")))


def painted(diff: bytes, paint: Paint) -> bytes:
    """The diff of one file in colours; the same bytes without them."""
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
