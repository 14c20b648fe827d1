"""Methods of the class that mask the scores with a triangle, perhaps in place."""

from typing import TYPE_CHECKING

import pytest

from tests.source.sdpa.functions import HEAD, attentions, behind_fix

if TYPE_CHECKING:
    import torch

COURSE = f"""{HEAD}import einops
class Attention(nn.Module):
    def __init__(self, heads=3, width=8):
        super().__init__()
        self.d_head = 4
        self.W_Q = nn.Parameter(torch.randn(heads, width, 4))
        self.W_K = nn.Parameter(torch.randn(heads, width, 4))
        self.W_V = nn.Parameter(torch.randn(heads, width, 4))
        self.register_buffer("IGNORE", torch.tensor(float("-inf")))

    def forward(self, x):
        q = einops.einsum(x, self.W_Q, "b n w, h w d -> b n h d")
        k = einops.einsum(x, self.W_K, "b n w, h w d -> b n h d")
        v = einops.einsum(x, self.W_V, "b n w, h w d -> b n h d")
        s = einops.einsum(q, k, "b n h d, b m h d -> b h n m")
        s = self.apply_causal_mask(s / self.d_head ** 0.5)
        w = s.softmax(-1)
        return einops.einsum(v, w, "b m h d, b h n m -> b n h d")

    def apply_causal_mask(self, scores):
        ones = torch.ones(scores.size(-2), scores.size(-1), device=scores.device)
        mask = torch.triu(ones, diagonal=1).bool()
        scores.masked_fill_(mask, self.IGNORE)
        return scores
"""
BUFFER = 'torch.tensor(float("-inf"))'
CALL = "s = self.apply_causal_mask(s / self.d_head ** 0.5)"
IN_PLACE = "scores.masked_fill_(mask, self.IGNORE)\n        return scores"
CAUSAL = "is_causal=True"


def ran(text: str) -> list["torch.Tensor"]:
    """The result of the module in a text, and the gradients of its input and its weights."""
    torch = pytest.importorskip("torch")
    names: dict[str, object] = {}
    exec(compile(text, "a.py", "exec"), names)
    made = names["Attention"]
    assert isinstance(made, type)
    torch.manual_seed(0)
    module = made().double()
    x = torch.randn(2, 5, 8, dtype=torch.float64, requires_grad=True)
    result = module(x)
    result.square().sum().backward()
    grads = [each.grad for each in (x, *module.parameters())]
    return [result.detach(), *(each for each in grads if each is not None)]


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("", ""),
        (BUFFER, "torch.tensor(-1e5)"),
        ("(nn.Module):\n", "(nn.Module):\n    IGNORE: torch.Tensor\n"),  # as courses declare it
        (CALL, "s = s / self.d_head ** 0.5\n        s = self.apply_causal_mask(s)"),
        (CALL, "s = self.apply_causal_mask(scores=s / 3)"),
        (IN_PLACE, "return scores.masked_fill(mask, self.IGNORE)"),
        (IN_PLACE, "scores = scores.masked_fill(mask, -1e9)\n        return scores"),
        ("torch.triu(ones, diagonal=1).bool()", "torch.tril(ones) == 0"),
    ],
)
def test_the_fix_computes_the_same(written: str, instead: str) -> None:
    torch = pytest.importorskip("torch")
    text = COURSE.replace(written, instead)
    fixed = behind_fix(text)
    assert CAUSAL in fixed
    assert all(torch.allclose(*pair) for pair in zip(ran(text), ran(fixed), strict=True))


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        # another triangle, another size, or no mask
        ("diagonal=1", "diagonal=0"),
        ("diagonal=1", "diagonal=2"),
        ("torch.triu(ones, diagonal=1)", "torch.tril(ones)"),
        ("(scores.size(-2), scores.size(-1),", "(scores.size(-1), scores.size(-3),"),
        (BUFFER, "torch.tensor(-0.5)"),
        (BUFFER, "torch.tensor(float('inf'))"),
        (BUFFER, "torch.tensor(-1e9 if heads else 0.0)"),
        ("    def forward", "    def reset(self):\n        self.IGNORE = 0.0\n\n    def forward"),
        ("    def forward", "    def reset(self):\n        self.IGNORE.zero_()\n\n    def forward"),
        # the scores that it changes have another name, and are used again
        (
            CALL,
            "s = s / 2\n        o = s\n        s = self.apply_causal_mask(s)\n        s = s + o",
        ),
        (CALL, "s = s / 2\n        t = self.apply_causal_mask(s)\n        s = s + 1"),
        (
            CALL,
            "s = s / 2\n        o = s[:]\n        s = self.apply_causal_mask(s)\n        s = s + o",
        ),
        (
            CALL,
            "o = [s]\n        s = self.apply_causal_mask(s)\n        s = s + o[0]",
        ),
        (CALL, "self.o = s\n        s = self.apply_causal_mask(s)"),
        (CALL, "s = s / 2\n        self.apply_causal_mask(s)"),
        (CALL, "s = self.apply_causal_mask(s / 2)\n        self.last = s"),
        (IN_PLACE, "old = scores[0]\n        " + IN_PLACE.replace("return scores", "return old")),
        (IN_PLACE, "scores[0].masked_fill_(mask, self.IGNORE)\n        return scores"),
        (IN_PLACE, "self.last = scores\n        " + IN_PLACE),
        (IN_PLACE, "other = scores\n        " + IN_PLACE),
        # the mask or the scores leave, or more is done to them
        ("s.softmax(-1)", "s.softmax(-2)"),
        ("return scores", "return scores * 2 + mask"),
        ("return scores", "return scores.mT"),
        ("w = s.softmax(-1)", "w = self.hook(s.softmax(-1))"),
        # keys of another length
        ("k = einops.einsum(x,", "k = einops.einsum(self.other,"),
    ],
)
def test_what_only_looks_like_it(written: str, instead: str) -> None:
    assert written in COURSE
    check_that_it_stays(COURSE.replace(written, instead))


@pytest.mark.parametrize(
    "behind",
    [
        "class Heir(Attention):\n    def apply_causal_mask(self, scores):\n        return scores\n",
        "class Heir(Attention):\n    def unmask(self):\n        self.IGNORE.fill_(0.0)\n",
        "Attention.apply_causal_mask = lambda self, scores: scores\n",
        "module = Attention()\nmodule.IGNORE = torch.tensor(0.0)\n",
        "module = Attention()\nmodule.IGNORE.data.zero_()\n",
        "module = Attention()\nmodule.IGNORE[...] = 0.0\n",
    ],
)
def test_other_code_may_change_what_it_does(behind: str) -> None:
    check_that_it_stays(f"{COURSE}\n{behind}")


def check_that_it_stays(text: str) -> None:
    """There is no fix of a file."""
    for found in attentions(text):
        replacement = None if found.obstacles else found.replacement()
        assert replacement is None or not replacement.edits


def test_a_mask_that_is_not_seen_to_be_causal_has_no_text() -> None:
    (found,) = attentions(COURSE.replace("diagonal=1", "diagonal=2"))
    assert found.obstacles == ("another method computes a part of it",)
