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
CALLED_SO = PLAIN.replace("def attend", "def custom_scaled_dot_product_attention")
METHOD_CALLED_SO = f"""{HEAD}
class SDPA:
    'SDPA'
    def forward(self, q, k, v):
        'By hand what xformers and scaled_dot_product_attention compute.'
        return self.scaled_dot_product_attention(q, k, v)
    def scaled_dot_product_attention(self, q, k, v):
    {BY_HAND}"""
VARIABLE_CALLED_SO = PLAIN.replace(
    "    return (q @ k.mT).softmax(-1) @ v",
    "    sdpa = (q @ k.mT).softmax(-1) @ v\n    return sdpa",
)
STATIC_CALLED_SO = (
    METHOD_CALLED_SO.replace("    def scaled", "    @staticmethod\n    def scaled")
    .replace("return self.scaled_dot_product_attention", "return SDPA.scaled_dot_product_attention")
    .replace("(self, q, k, v):\n    ", "(q, k, v):\n    ")
)
OWN_BRANCH = PLAIN.replace(
    "def attend(q, k, v):\n",
    "def scaled_dot_product_attention(q, k, v):\n"
    "    if q.is_cuda:\n        return F.scaled_dot_product_attention(q, k, v)\n",
)
IN_TEST = f"""{HEAD}
def test_attend(q, k, v):
    expected = (q @ k.mT).softmax(-1) @ v
    torch.testing.assert_close(launch(q, k, v), expected)
"""
PATTERN = f"""{HEAD}from torch.fx.subgraph_rewriter import replace_pattern
def by_hand(q, k, v):
{BY_HAND}
def fused(q, k, v):
    return F.scaled_dot_product_attention(q, k, v)
def optimised(graph):
    return replace_pattern(graph, by_hand, fused)
"""
FUSED_HERE = f"{BRANCH}\ndef flash_attn_func(q, k, v):\n    return kernel[1](q, k, v)\n"


def with_line(line: str) -> str:
    """The plain function with a line in front of its last."""
    return PLAIN.replace("    return", f"    {line}\n    return")


@pytest.mark.parametrize(
    ("text", "filename", "count"),
    [
        (PLAIN, "a.py", 1),
        (f"# flash attention, some day\n{PLAIN}", "a.py", 1),
        (VARIABLE_CALLED_SO, "a.py", 1),
        (
            PLAIN.replace("v):\n", "v, use_sdpa=False):\n    if use_sdpa: return fast(q)\n"),
            "a.py",
            0,
        ),
        (VARIABLE_CALLED_SO.replace("return sdpa", "return sdpa(q, k, v)"), "a.py", 0),
        (PLAIN, "src/contest.py", 1),
        (BRANCH, "a.py", 0),
        (OTHER_METHOD, "a.py", 0),
        (COMPARED, "a.py", 0),
        (PLAIN.replace("def attend", "def attend_reference"), "a.py", 0),
        (PLAIN, "test_attend.py", 0),
        (STATIC_CALLED_SO, "a.py", 1),
        (PATTERN, "passes.py", 0),
        (PATTERN.replace("F.scaled_dot_product_attention", "F.other"), "passes.py", 1),
        # a test beside what it tests
        (IN_TEST, "kernels.py", 0),
        (IN_TEST.replace("def test_", "def "), "kernels.py", 1),
        (PLAIN.replace("def attend", "def test_time_scores"), "a.py", 1),
        (PLAIN, "pkg/naive.py", 0),
        # what is called so, and computes it by hand
        (CALLED_SO, "a.py", 1),
        (METHOD_CALLED_SO, "a.py", 1),
        (OWN_BRANCH, "a.py", 0),
        (FUSED_HERE, "a.py", 0),
        # a choice by a key, an import or an argument
        (with_line("if m == 'flash_attention_2': pass"), "a.py", 0),
        (with_line("import xformers.ops"), "a.py", 0),
        (with_line("f(q, use_sdpa=True)"), "a.py", 0),
    ],
)
def test_findings(text: str, filename: str, count: int) -> None:
    assert len(attentions(text, filename)) == count
