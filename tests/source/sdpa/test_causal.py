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


ADDED = f"""{HEAD}
class Causal(nn.Module):
    def forward(self, x):
        B, T, C = x.shape
        q, k, v = x.view(B, T, 3, 8, -1).permute(2, 0, 3, 1, 4)
        s = q @ k.transpose(-2, -1)
        s = s + MASK
        return s.softmax(-1) @ v
"""


@pytest.mark.parametrize(
    ("mask", "is_causal"),
    [
        ("torch.full((T, T), float('-inf'), device=x.device).triu(1)", True),
        ("torch.triu(torch.full((T, T), -torch.inf), diagonal=1)", True),
        ("torch.triu(torch.ones(T, T) * float('-inf'), diagonal=1)", True),
        ("torch.full_like(s, -1e9).triu(1)", True),
        ("q.new_full((T, T), -1e9).triu(1)[None, None]", True),
        ("torch.triu(torch.ones(T, T, device=x.device), 1) * -1e9", True),
        ("torch.triu(torch.ones(T, T), 1).to(q.dtype) * torch.finfo(q.dtype).min", True),
        ("-1e4 * (~torch.ones(T, T, dtype=torch.bool).tril())", True),
        ("torch.zeros(T, T).masked_fill(torch.ones(T, T).triu(1).bool(), -torch.inf)", True),
        # zeros that are made infinite are no numbers, and other triangles
        ("torch.triu(torch.ones(T, T), 1) * float('-inf')", False),
        ("torch.full((T, T), float('-inf')).triu(0)", False),
        ("torch.full((T, T), float('-inf')).tril(-1)", False),
        ("torch.full((T, T), float('inf')).triu(1)", False),
        ("torch.full((T, T), -1.0).triu(1)", False),
        ("torch.triu(torch.rand(T, T) * float('-inf'), 1)", False),
        ("torch.triu(torch.ones(T, T), 1) * -1e9 * x.mean()", False),
        ("torch.ones(T, T).tril() * -1e9", False),
        ("torch.zeros(T, T).masked_fill(torch.ones(T, T).tril().bool(), -torch.inf)", False),
        ("torch.full((T, C), float('-inf')).triu(1)", False),
    ],
)
def test_triangle_that_is_added(mask: str, is_causal: bool) -> None:
    (found,) = attentions(ADDED.replace("MASK", mask))
    assert found.is_causal is is_causal
    replacement = found.replacement()
    assert replacement is not None
    assert ("is_causal=True" in replacement.text) is is_causal
    assert replacement.edits


def test_a_triangle_that_is_subtracted_or_scaled_is_no_mask() -> None:
    mask = "torch.full((T, T), float('-inf')).triu(1)"
    for text in (ADDED.replace("+ MASK", f"- {mask}"), ADDED.replace("MASK", f"{mask}; s = s / 2")):
        (found,) = attentions(text)
        assert not found.is_causal
