"""The places of values in a JSON text; `json` reads the values themselves."""

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
        ValueError: no value there; a JSONDecodeError if the text is not JSON.
        RecursionError: the value is nested too deeply.
    """
    start = _skip_blank(text, start)
    content, end = _DECODER.raw_decode(text, start)
    return Value(content, Span(start, end))


def members(text: str, value: Value) -> dict[str, Value]:
    """The members of an object; of two with the same key the last one, as in `json`."""
    return {str(key.content): each for key, each in _members(text, value.span.start)}


def _members(text: str, start: int) -> Iterator[tuple[Value, Value]]:
    at = _skip_blank(text, start + 1)
    while text[at] != "}":
        key = value_at(text, at)
        each = value_at(text, _skip_blank(text, key.span.end) + 1)
        yield key, each
        at = _next(text, each)


def elements(text: str, value: Value) -> Iterator[Value]:
    """The elements of an array."""
    at = _skip_blank(text, value.span.start + 1)
    while text[at] != "]":
        each = value_at(text, at)
        yield each
        at = _next(text, each)


def _next(text: str, value: Value) -> int:
    """The offset of the next key or element, or of the closing bracket."""
    at = _skip_blank(text, value.span.end)
    return _skip_blank(text, at + 1) if text[at] == "," else at


def _skip_blank(text: str, start: int) -> int:
    match = _BLANK.match(text, start)
    return match.end() if match else start
