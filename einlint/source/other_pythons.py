"""Which Python reads what this one cannot, where the line at which it stopped shows that surely."""

import re
import sys
from collections.abc import Iterator
from typing import Final

ADVICE: Final = "if another Python reads it, run einlint with that one"

# What no Python reads before a version, at the start of a line.
_NEWER: Final = (
    (r"\s*(?:class|(?:async\s+)?def)\s+\w+\s*\[[^]=]*=", 13, "defaults of type parameters need"),
    (r"\s*(?:class|(?:async\s+)?def)\s+\w+\s*\[", 12, "type parameters need"),
    (r"\s*type\s+[^\W\d]\w*\s*(?:\[.*\]\s*)?=(?!=)", 12, "a `type` statement needs"),
)
# No name stands before a string, except in `t"..."`.
_TEMPLATE: Final = r"""(?<!\w)(?:t|rt|tr)(?=["'])"""
_PYTHON_2: Final = (
    "Missing parentheses in call to 'print'",
    "Missing parentheses in call to 'exec'",
    "leading zeros in decimal integer literals",
)
# These are slips in every Python.
_SLIP: Final = "never closed|unmatched|does not match|unterminated|indent|null bytes|nested"


def reader(reason: str, line: str, column: int) -> str | None:
    """Which Python reads a line at which this one stopped; None if that is not sure.

    Args:
        reason: the message of Python's error.
        line: the line of the error.
        column: its place in the line, from 0.
    """
    return next(_readers(reason, line, column), None)


def is_slip(reason: str) -> bool:
    """Whether an error would be one in every Python."""
    return re.search(_SLIP, reason) is not None


def _readers(reason: str, line: str, column: int) -> Iterator[str]:
    this = sys.version_info.minor
    if reason.startswith(_PYTHON_2):
        yield "this is Python 2, which einlint does not read"
    if reason == "multiple exception types must be parenthesized" and " as " not in line:
        yield "only Python 2, and Python 3.14 or later, read `except A, B:`"
    if reason.startswith("f-string") and this < 12:
        yield "Python 3.12 allows more in f-strings: the same quotes, backslashes and comments"
    for pattern, minor, needs in _NEWER:
        if this < minor and re.match(pattern, line):
            yield f"{needs} Python 3.{minor} or later"
    templates = re.finditer(_TEMPLATE, line, re.IGNORECASE)
    if this < 14 and any(column in each.span() for each in templates):
        yield "a t-string needs Python 3.14 or later"
