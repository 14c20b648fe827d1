"""The words of what the default rules judge, besides einsum; a test writes this."""

GROUPS: tuple[tuple[tuple[bytes, ...], ...], ...] = (
    ((b"oftmax",), (b"einsum", b"matmul", b"bmm", b".mm", b"@")),
)
