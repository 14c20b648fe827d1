"""The statements at the left margin of a text, told apart by its lines: nothing is parsed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

# A line that starts something; one that closes a bracket goes on with what is open.
_MARGIN: Final = re.compile(r"\n(?=[^\s#)\]}])")
_HEAD: Final = re.compile(r"(?:async[ \t]+)?(def|class)[ \t]+(\w+)")
_GOING_ON: Final = ("else", "elif", "except", "finally")
_CONTINUED: Final = ("\\\n", "\\\r\n")
# Quotes that neither start nor end a string of several lines: they are counted all the same.
_OTHER_QUOTES: Final = re.compile("#[^\\n]*(?:\"\"\"|''')")
_QUOTED_QUOTES: Final = ('\'"""', "\"'''")


def has_other_quotes(text: str) -> bool:
    """Whether strings cannot be told by counting quotes: some may stand in comments or strings."""
    is_quoted = any(each in text for each in _QUOTED_QUOTES)
    return is_quoted or _OTHER_QUOTES.search(text) is not None


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement at text[start:end], or several where the lines do not tell them apart.

    defines: `def` or `class`; empty for all else. name: of what it defines.
    is_mixed: other statements may stand in it.
    """

    start: int
    end: int
    defines: str = ""
    name: str = ""
    is_mixed: bool = False


def pieces_of(text: str, is_counted: Callable[[int, int], bool]) -> Iterator[Piece]:
    """All of a text, in order; no statement is parted.

    Where a string or a bracket may be open at the end of a line, what follows belongs to the same
    piece; the brackets of a definition are counted only where that `is_counted(start, end)`.
    """
    starts = [0, *(match.end() for match in _MARGIN.finditer(text))]
    first, count, name = 0, 0, None
    doubles = singles = opened = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        is_decorator = text.startswith("@", start)
        is_end = bool(doubles % 2 and text.startswith('"""', start))
        is_end = is_end or bool(singles % 2 and text.startswith("'''", start))
        count += not (is_decorator or is_end)
        name = name or _HEAD.match(text, start)
        doubles += text.count('"""', start, end)
        singles += text.count("'''", start, end)
        if name is None or count > 1 or is_counted(start, end):
            opened += _opened(text, start, end)
        is_open = is_decorator or doubles % 2 or singles % 2 or opened
        is_open = is_open or text.endswith(_CONTINUED, start, end)
        if end < len(text) and (is_open or text.startswith(_GOING_ON, end)):
            continue
        defined = ("", "") if name is None else (name[1], name[2])
        yield Piece(first, end, *defined, name is not None and count > 1)
        first, count, name = end, 0, None
        doubles = singles = opened = 0


def _opened(text: str, start: int, end: int) -> int:
    """How many brackets are opened and not closed, by their number."""
    opening = sum(text.count(each, start, end) for each in "([{")
    return opening - sum(text.count(each, start, end) for each in ")]}")
