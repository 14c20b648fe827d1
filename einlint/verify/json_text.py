"""JSON for people and programs: indented, but what holds nothing but numbers is on one line."""

import json
from collections.abc import Iterator
from math import inf
from types import NoneType
from typing import Any, Final

from einlint.printable import quiet_json

# A visit is a list of blocks, and a block is a list of numbers.
_DEEPEST_LINE: Final = 2


def json_text(value: Any) -> str:
    """A value as JSON, in ASCII; lists of numbers, and lists of these, are on one line.

    Raises:
        ValueError: a number is infinite or NaN.
    """
    return quiet_json("".join(_written(value, "\n")))


def _written(value: Any, line: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        items = ((f"{json.dumps(key)}: ", each) for key, each in value.items())
        yield from _block("{}", items, line)
    elif isinstance(value, list) and _depth(value) > _DEEPEST_LINE:
        yield from _block("[]", (("", each) for each in value), line)
    else:
        separators = (",", ":") if isinstance(value, list) else None
        yield json.dumps(value, separators=separators, allow_nan=False)


def _block(brackets: str, items: Iterator[tuple[str, Any]], line: str) -> Iterator[str]:
    inner = f"{line}  "
    start = brackets[0]
    for prefix, value in items:
        yield f"{start}{inner}{prefix}"
        yield from _written(value, inner)
        start = ","
    yield line + brackets[1]


def _depth(value: Any) -> float:
    """How deep the lists around numbers are; infinite if they hold anything else."""
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0 if isinstance(value, (int, float, NoneType)) else inf
