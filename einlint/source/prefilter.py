"""Skip files without certain words before they are decoded or parsed."""

import re
from collections.abc import Iterable
from typing import Final

# Every spelling of a call, and every import that makes one possible, contains it.
_WORD: Final = "einsum"
# Every comment that silences something contains one of these.
_SUPPRESSING: Final = re.compile("noqa|einlint", re.IGNORECASE)
_MARKER: Final = re.compile(r"#\s*einlint\s*:", re.IGNORECASE)
_SUPPRESSING_BYTES: Final = re.compile(rb"noqa|einlint", re.IGNORECASE)


def may_call_einsum(source: bytes | str, functions: Iterable[str] = ()) -> bool:
    """Whether a file with this content may call einsum, or one of the functions.

    Python allows several spellings of a non-ASCII name, so any file may contain it.
    """
    words = (_WORD, *(name.rpartition(".")[2] for name in functions))
    return any(not word.isascii() or _holds(source, word) for word in words)


def holds_each(source: bytes | str, groups: Iterable[Iterable[str]]) -> bool:
    """Whether a file with this content has one word of each group."""
    return all(any(_holds(source, word) for word in words) for words in groups)


def _holds(source: bytes | str, word: str) -> bool:
    return word in source if isinstance(source, str) else word.encode() in source


def may_suppress(source: bytes | str) -> bool:
    """Whether a file with this content may have a comment that silences findings."""
    if isinstance(source, str):
        return _SUPPRESSING.search(source) is not None
    return _SUPPRESSING_BYTES.search(source) is not None


def has_marker(text: str) -> bool:
    """Whether a text may have a comment that speaks to einlint."""
    return _MARKER.search(text) is not None
