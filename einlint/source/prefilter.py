"""The first look at a file: what lacks certain words, as bytes or as text, is nothing to us."""

import re
from typing import Final

# Every spelling of a call, and every import that makes one possible, contains it.
_WORD: Final = "einsum"
# Every comment that silences something contains one of these.
_SUPPRESSING: Final = re.compile("noqa|einlint", re.IGNORECASE)
_SUPPRESSING_BYTES: Final = re.compile(rb"noqa|einlint", re.IGNORECASE)


def may_call_einsum(source: bytes | str) -> bool:
    """Whether a file with this content could hold a call that we find."""
    return _WORD in source if isinstance(source, str) else _WORD.encode() in source


def may_suppress(source: bytes | str) -> bool:
    """Whether a file with this content could hold a comment that silences findings."""
    if isinstance(source, str):
        return _SUPPRESSING.search(source) is not None
    return _SUPPRESSING_BYTES.search(source) is not None
