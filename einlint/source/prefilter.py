"""The first look at a file: bytes without certain words are nothing to us."""

import re
from typing import Final

# Every spelling of a call, and every import that makes one possible, contains it.
WORD: Final = b"einsum"
# Every comment that silences something contains one of these.
_SUPPRESSING: Final = re.compile(rb"noqa|einlint", re.IGNORECASE)


def may_call_einsum(data: bytes) -> bool:
    """Whether a file with these bytes could hold a call that we find."""
    return WORD in data


def may_suppress(data: bytes) -> bool:
    """Whether a file with these bytes could hold a comment that silences findings."""
    return _SUPPRESSING.search(data) is not None
