"""The words of what the rules that are on by default judge, besides einsum; a test writes this."""

from typing import Final

GROUPS: Final[tuple[tuple[tuple[bytes, ...], ...], ...]] = (
    ((b"oftmax",), (b"einsum", b"matmul", b"bmm", b"@")),
)
