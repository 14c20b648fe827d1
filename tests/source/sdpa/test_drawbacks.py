"""Where one call computes the same and is not faster, as far as the code shows."""

from pathlib import Path

import pytest

from tests.cli.run import called, write
from tests.source.sdpa.functions import HEAD, attentions, function

_ATTEND = "(q @ k.mT).softmax(-1) @ v"
_SIZES = "b, c, h, w = m.shape; x, y, z = nn.Conv2d(6, 18, 1)(m).chunk(3, dim=1)"


@pytest.mark.parametrize(
    ("body", "drawback"),
    [
        ("torch.bmm(torch.bmm(q, k.transpose(1, 2)).softmax(-1), v)", "three axes"),
        ("b.baddbmm(q, k.mT).softmax(-1).bmm(v)", "three axes"),
        # four axes would have the tokens of the key on the third
        ("(q @ k.transpose(1, 2)).softmax(-1) @ v", "three axes"),
        ("q = q.permute(0, 2, 1).contiguous(); (q @ k).softmax(-1) @ v", "three axes"),
        (
            "s = torch.einsum('bid,bjd->bij', q, k); "
            "torch.einsum('bij,bjd->bid', s.softmax(-1), v)",
            "three axes",
        ),
        ("torch.mm(torch.mm(q, k.t()).softmax(-1), v)", "two axes"),
        # only what the query is made of tells how many they are
        ("q = q.permute(0, 2, 1).contiguous(); torch.matmul(q, k).softmax(-1) @ v", "three axes"),
        (
            "s = torch.einsum('bwhid,bwhjd->bwhij', q, k); "
            "torch.einsum('bwhij,bwhjd->bwhid', s.softmax(-1), v)",
            "five axes",
        ),
        (
            "q, k, v = (rearrange(t, 'b (n c) h w -> b n c (h w)', n=2) for t in (q, k, v)); "
            "q = 2 * F.normalize(q, dim=-1); " + _ATTEND,
            "channels",
        ),
        (
            f"{_SIZES}; q = x.reshape(b, 2, c // 2, h * w); k = y.view(b, 2, c // 2, -1); "
            f"v = z.view(b, 2, c // 2, -1); {_ATTEND}",
            "channels",
        ),
        (
            "b, n, c = m.shape; t = nn.Linear(6, 18)(m).reshape(b, n, 3, 2, c // 2); "
            "q, k, v = t.permute(2, 0, 3, 1, 4).unbind(0); "
            "q, k, v = q.transpose(-2, -1), k.transpose(-2, -1), v.transpose(-2, -1); " + _ATTEND,
            "channels",
        ),
        (
            "q, k, v = (rearrange(t, 'b (n c) h w -> b n (h w) c', n=2) for t in (q, k, v)); "
            + _ATTEND,
            "lie apart",
        ),
        (
            f"{_SIZES}; q, k, v = (t.view(b, 2, c // 2, h * w).mT for t in (x, y, z)); {_ATTEND}",
            "lie apart",
        ),
        (
            "s = torch.einsum('bhdi,bhdj->bhij', q, k); "
            "torch.einsum('bhij,bhdj->bhid', s.softmax(-1), v)",
            "lie apart",
        ),
    ],
)
def test_what_is_hardly_faster(body: str, drawback: str) -> None:
    (found,) = attentions(function(body))
    assert drawback in found.drawback


@pytest.mark.parametrize(
    "body",
    [
        _ATTEND,
        "(q @ k.transpose(2, 3)).softmax(-1) @ v",
        "q = q.permute(0, 2, 1, 3).contiguous(); (q @ k.mT).softmax(-1) @ v",
        "s = torch.einsum('bhid,bhjd->bhij', q, k); "
        "torch.einsum('bhij,bhjd->bhid', s.softmax(-1), v)",
        # heads that are joined to the features
        "q, k, v = (rearrange(t, 'b n h d -> b 1 n (h d)') for t in (q, k, v)); " + _ATTEND,
        # positions that are tokens, with the features next to each other
        "q, k, v = (rearrange(t, 'b h w (n c) -> b n (h w) c', n=2) for t in (q, k, v)); "
        + _ATTEND,
        f"{_SIZES}; q, k, v = (t.view(b, 2, c // 2, h * w).transpose(2, 3) for t in (x, y, z)); "
        "q = q.contiguous(); " + _ATTEND,
        "q = F.layer_norm(q.transpose(2, 3), (8,)); " + _ATTEND,
        "b, n, c = m.shape; t = nn.Linear(6, 18)(m).reshape(b, n, 3, 2, c // 2); "
        "q, k, v = t.permute(2, 0, 3, 1, 4).unbind(0); " + _ATTEND,
        # every eighth token
        "b, n, c = m.shape; q, k, v = (m.view(b, 8, n // 8, c) for _ in range(3)); " + _ATTEND,
    ],
)
def test_nothing_is_said_of_others(body: str) -> None:
    (found,) = attentions(function(body))
    assert found.drawback == ""


_MODULE = """{head}
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(9, 4))
        self.project = nn.Linear(4, 4)
        self.scale = 0.5
        self.register_buffer("index", torch.arange(9))

    def forward(self, q, k, v, x, mask=None):
        s = q @ k.transpose(-2, -1)
        s = s + {bias}
        return s.softmax(-1) @ v
"""


@pytest.mark.parametrize(
    ("bias", "is_learned"),
    [
        ("self.table[self.index.view(-1)].view(3, 3, -1).permute(2, 0, 1).unsqueeze(0)", True),
        ("self.project(x)", True),
        ("self.get_attention_biases(x.device)", True),
        ("torch.einsum('bhid,ijd->bhij', q, x)", True),
        ("mask", False),
        ("(1.0 - mask) * -1e9", False),
        ("self.causal_mask(x)", False),
        ("torch.zeros(self.table.shape[0], 4)", False),
        ("self.alibi(x)", False),
    ],
)
def test_a_mask_with_a_gradient_takes_no_fused_kernel(bias: str, is_learned: bool) -> None:
    (found,) = attentions(_MODULE.format(head=HEAD, bias=bias))
    assert not found.obstacles
    assert found.drawback == (
        "its mask is learned, and in training no fused kernel takes that" if is_learned else ""
    )


def test_a_module_that_another_class_adds_by_a_name_that_a_run_tells_makes_no_difference() -> None:
    adding = (
        "class Other(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        for at in range(3):\n            self.add_module(f'norm{at}', nn.LayerNorm(3))\n"
    )
    (found,) = attentions(_MODULE.format(head=HEAD, bias="self.table[self.index]") + adding)
    assert found.drawback.startswith("its mask is learned")


def test_it_is_told_to_those_who_ask_for_everything_and_fixed_where_it_is_granted(
    tmp_path: Path,
) -> None:
    body = "s = torch.bmm(q, k.transpose(1, 2)); torch.bmm(s.softmax(-1), v)"
    write(tmp_path, {"a.py": function(body)})
    assert called("a.py", cwd=tmp_path).stdout == b"All checks passed!\n"
    shown = called("--pedantic", "a.py", cwd=tmp_path).stdout
    assert b"computes the same, but is hardly faster: it has three axes" in shown
    called("--fix", "--unsafe-fixes", "a.py", cwd=tmp_path)
    assert (tmp_path / "a.py").read_text() == function(body)
    write(tmp_path, {"einlint.toml": 'extend-assume = ["not-slower"]\n'})
    called("--fix", "--unsafe-fixes", "a.py", cwd=tmp_path)
    assert "F.scaled_dot_product_attention(q, k, v, scale=1.0)" in (tmp_path / "a.py").read_text()
