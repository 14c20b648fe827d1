"""Where the values of a JSON text stand; `json` reads them, here they are only found."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from einlint.source.spans import Span

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Value:
    """One value, and its place in the JSON text."""

    content: object
    span: Span


def value_at(text: str, start: int) -> Value:
    """The value that starts at text[start], or behind white space there.

    Raises:
        ValueError: there is none; a JSONDecodeError where it is not JSON.
        RecursionError: it is nested too deeply.
    """
    start = _solid(text, start)
    content, end = _DECODER.raw_decode(text, start)
    return Value(content, Span(start, end))


def members(text: str, value: Value) -> dict[str, Value]:
    """The members of an object that has been read; of two with one key the last, as in `json`."""
    return {str(key.content): each for key, each in _members(text, value.span.start)}


def _members(text: str, start: int) -> Iterator[tuple[Value, Value]]:
    at = _solid(text, start + 1)
    while text[at] != "}":
        key = value_at(text, at)
        each = value_at(text, _solid(text, key.span.end) + 1)
        yield key, each
        at = _next(text, each)


def elements(text: str, value: Value) -> Iterator[Value]:
    """The elements of an array that has been read."""
    at = _solid(text, value.span.start + 1)
    while text[at] != "]":
        each = value_at(text, at)
        yield each
        at = _next(text, each)


def _next(text: str, value: Value) -> int:
    """Where the next key or element starts, or the bracket that ends them."""
    at = _solid(text, value.span.end)
    return _solid(text, at + 1) if text[at] == "," else at


def _solid(text: str, start: int) -> int:
    match = _BLANK.match(text, start)
    return match.end() if match else start
