"""Attention is not reported where a fused one is called already, or is tested against it."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions

BY_HAND = "    return (q @ k.mT).softmax(-1) @ v\n"
PLAIN = f"{HEAD}def attend(q, k, v):\n{BY_HAND}"
BRANCH = PLAIN.replace("v):\n", "v):\n    if q.is_cuda:\n        return flash_attn_func(q, k, v)\n")
OTHER_METHOD = f"""{HEAD}
class A:
    def fast(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v)
    def slow(self, q, k, v):
    {BY_HAND}"""
COMPARED = f"""{PLAIN}
def check(q, k, v):
    assert torch.allclose(attend(q, k, v), F.scaled_dot_product_attention(q, k, v))
"""


@pytest.mark.parametrize(
    ("text", "filename", "count"),
    [
        (PLAIN, "a.py", 1),
        (f"# flash attention, some day\n{PLAIN}", "a.py", 1),
        (PLAIN, "src/contest.py", 1),
        (BRANCH, "a.py", 0),
        (OTHER_METHOD, "a.py", 0),
        (COMPARED, "a.py", 0),
        (PLAIN.replace("def attend", "def attend_reference"), "a.py", 0),
        (PLAIN, "test_attend.py", 0),
        (PLAIN, "pkg/naive.py", 0),
    ],
)
def test_findings(text: str, filename: str, count: int) -> None:
    assert len(attentions(text, filename)) == count
