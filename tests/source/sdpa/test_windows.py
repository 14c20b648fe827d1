"""A mask for each window of a batch, as in Swin: where it is one call, and where it is not."""

from typing import Any

import pytest

from einlint.diagnostics import Edit
from einlint.rulebook.attention import assumptions_of
from tests.source.sdpa.functions import HEAD, attentions, behind_fix, function, written

HEADS = "b, n, c = q.shape; q, k, v = (t.view(b, n, 8, 64).transpose(1, 2) for t in (q, k, v))"
SPLIT = "s = s.view(b // w, w, 8, n, n) + m.unsqueeze(1).unsqueeze(0); s = s.view(-1, 8, n, n)"
EACH = "m.unsqueeze(1).unsqueeze(0).expand(b // w, w, -1, -1, -1).flatten(0, 1)"


def body(steps: str = SPLIT) -> str:
    """Attention over heads that a view splits."""
    return f"{HEADS}; w = m.shape[0]; s = q @ k.mT; {steps}; s.softmax(-1) @ v"


def test_the_mask_of_every_window_is_repeated_over_the_batch() -> None:
    call = f"F.scaled_dot_product_attention(q, k, v, attn_mask={EACH}, scale=1.0)"
    assert written(body()) == call


@pytest.mark.parametrize(
    "steps",
    [
        # other axes than the first are split, or other ones are joined
        "s = s.view(b, 8, n, n // w, w) + m; s = s.view(-1, 8, n, n)",
        "s = s.view(b // w, w, 8, n, n) + m; s = s.view(-1, n, 8, n)",
        "s = s.view(b // w, w, n, 8, n) + m; s = s.view(-1, n, 8, n)",
        "s = s.view(b // w, w, 8, n, n).transpose(0, 1) + m; s = s.reshape(-1, 8, n, n)",
        "s = s.view(b // w, w, 8, n, n) + m",
        "s = s.view(-1, w, 8, n, n) + m; s = s.view(-1, 8, n, n)",
    ],
)
def test_other_views_stand_in_the_way(steps: str) -> None:
    assert "reshaped between" in written(body(steps)) or "transposed" in written(body(steps))


def test_scores_of_an_unknown_shape_are_taken_to_have_the_axes_of_the_windows() -> None:
    text = body().replace(HEADS, "b, n = 4, 9; q, k, v = flag(q)")
    assert written(text) == f"F.scaled_dot_product_attention(q, k, v, attn_mask={EACH}, scale=1.0)"
    (found,) = attentions(function(text))
    reasons = [each.text for each in assumptions_of(found)]
    assert any("the scores have the axes of the windows" in each for each in reasons)
    (shown,) = attentions(function(body()))
    assert not any("windows" in each.text for each in assumptions_of(shown))


def test_a_length_that_a_view_leaves_is_taken_to_be_that_of_the_windows() -> None:
    heads = HEADS.replace("k, v = (", "_, v = (").replace("k, v))", "v, v))")
    left = f"{heads}; k = flag(q).view(b, -1, 8, 64).permute(0, 2, 1, 3)"
    text = body().replace(HEADS, left)
    assert written(text) == f"F.scaled_dot_product_attention(q, k, v, attn_mask={EACH}, scale=1.0)"
    (found,) = attentions(function(text))
    reasons = [each.text for each in assumptions_of(found)]
    assert any("the scores have the axes of the windows" in each for each in reasons)


@pytest.mark.parametrize(
    "shapes",
    [
        "q = q.view(b, n, 512); k = k.view(b, n, 512)",  # three axes
        "q = q.view(b, 8, n, 64); k = k.view(b, 8, n + 1, 64)",
        "q = q.view(b, 8, n + n, 64); k = k.view(b, 8, n, 64)",
    ],
)
def test_scores_of_another_shape_stand_in_the_way(shapes: str) -> None:
    text = body().replace(HEADS, f"b, n = m.shape[:2]; {shapes}")
    assert written(text) == "the scores are reshaped between the products"


@pytest.mark.parametrize(
    ("mask", "is_same"),
    [
        (EACH, True),
        (EACH.replace("b // w, w", "w, b // w"), False),
        (EACH.replace("-1, -1, -1", "-1, n, -1"), False),
        (EACH.replace("flatten(0, 1)", "flatten(1, 2)"), False),
        (EACH.replace("m.unsqueeze", "b.unsqueeze"), False),
        ("m", False),
    ],
)
def test_another_mask_is_refused(mask: str, is_same: bool) -> None:
    (found,) = attentions(function(body()))
    call = f"F.scaled_dot_product_attention(q, k, v, attn_mask={mask}, scale=1.0)"
    text = function(f"{HEADS}; w = m.shape[0]; {call}")
    edit = Edit(0, len(function(body())), text)
    assert found.is_proved((edit,)) is is_same


def test_the_same_softmax_in_both_branches_is_one() -> None:
    text = (
        f"{function('1')}"
        "def f(q, k, v, m):\n    s = q @ k.mT\n    if m is not None:\n        s = s + m\n"
        "        w = s.softmax(-1)\n    else:\n        w = s.softmax(-1)\n    return w @ v\n"
    )
    (found,) = attentions(text)
    replacement = found.replacement()
    assert replacement is not None
    assert replacement.edits
    assert "attn_mask=m, " in replacement.text
    (other,) = attentions(text.replace("softmax(-1)\n    return", "softmax(-2)\n    return"))
    assert other.obstacles


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("s = s + m", "the mask has the dtype of the query, and 2 axes to as many as the query"),
        # `m.expand(b // w, w, -1, -1, -1)` raises where m has fewer than three axes
        (SPLIT, "the mask has the dtype of the query, and 3 axes to one more than the query"),
        (
            "s = s.masked_fill(m, -1e9) + m.half()",
            "the mask has dtype bool or the dtype of the query, and 2 axes to as many as the query",
        ),
    ],
)
def test_the_assumption_says_what_masks_fit(steps: str, said: str) -> None:
    (found,) = attentions(function(body(steps)))
    assert said in [each.text for each in assumptions_of(found)]


QKV = f"""{HEAD}
class Projection(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_qkv = nn.Linear(12, 36)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.to_qkv(x).reshape(b, n, 3, 3, 4).permute(2, 0, 3, 1, 4)
        return q, k, v


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = 3
        self.qkv = Projection()
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x, mask=None):
        b, n, c = x.shape
        q, k, v = self.qkv(x)
        q = q * 0.5
        attn = q @ k.transpose(-2, -1)
        if mask is not None:
            w = mask.shape[0]
            attn = attn.view(b // w, w, self.heads, n, n) + mask.unsqueeze(1).unsqueeze(0)
            attn = attn.view(-1, self.heads, n, n)
            attn = self.softmax(attn)
        else:
            attn = self.softmax(attn)
        return (attn @ v).transpose(1, 2).reshape(b, n, c)
"""


def test_windows_whose_query_and_key_come_from_a_module_compute_the_same() -> None:
    fixed = behind_fix(QKV)
    assert "F.scaled_dot_product_attention(" in fixed
    assert "softmax(attn)" not in fixed
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(0)
    x, mask = (torch.randn(size, generator=generator) for size in ((6, 5, 12), (2, 5, 5)))
    results = []
    for text in (QKV, fixed):
        names: dict[str, Any] = {}
        exec(text, names)
        torch.manual_seed(1)
        module = names["Attention"]()
        outs = [module(x), module(x, mask)]
        loss = sum((each.square().sum() for each in outs), torch.zeros(()))
        results.append([*outs, *torch.autograd.grad(loss, [*module.parameters()])])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other)
