"""Causal masks that a module keeps as a triangle, and what only looks like them."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions

CLASS = f"""{HEAD}
class Causal(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads = config.heads
        triangle = torch.tril(torch.ones(config.length, config.length))
        self.register_buffer("mask", triangle.view(1, 1, config.length, config.length))

    def forward(self, q, k, v):
        B, T, C = q.shape
        q = q.view(B, T, self.heads, C // self.heads).transpose(1, 2)
        k = k.view(B, T, self.heads, C // self.heads).transpose(1, 2)
        s = (q @ k.mT).masked_fill(self.mask[:, :, :T, :T] == 0, -1e9)
        return s.softmax(-1) @ v
"""


@pytest.mark.parametrize(
    ("written", "instead", "is_causal"),
    [
        ("T] == 0", "T] == 0", True),
        # not the lower triangle
        ("T] == 0", "T] == 1", False),
        ("tril", "triu", False),
        ("config.length))\n", "config.length), 1)\n", False),
        # not a square, or not its corner
        ("config.length))\n", "config.other))\n", False),
        ("length, config.length))\n        self", "length, config.other))\n        self", False),
        (":T, :T]", ":T, 1:T]", False),
        (":T, :T]", ":T, :C]", False),
        ("[:, :, :T, :T]", "[0, 0, :T, :T]", False),
        # the keys may be more
        ("k = k.view(B, T,", "k = k.view(B, -1,", False),
    ],
)
def test_triangle_in_a_buffer(written: str, instead: str, is_causal: bool) -> None:
    assert written in CLASS
    (found,) = attentions(CLASS.replace(written, instead))
    assert found.is_causal is is_causal
    if is_causal:
        replacement = found.replacement()
        assert replacement is not None
        assert "is_causal=True" in replacement.text
