"""The first look at a file: bytes without the word are nothing to us."""

from typing import Final

# Every spelling of a call, and every import that makes one possible, contains it.
WORD: Final = b"einsum"


def may_call_einsum(data: bytes) -> bool:
    """Whether a file with these bytes could hold a call that we find."""
    return WORD in data
