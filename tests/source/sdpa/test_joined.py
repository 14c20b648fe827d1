"""Attention of images: rows and columns have two axes each, which views join for the softmax."""

from typing import Any

import pytest

from einlint.diagnostics import Edit
from tests.source.sdpa.functions import HEAD, attentions, behind_fix

FORMS = {
    "heads, and a view that leaves the joined length": (
        (2, 3, 4, 5, 6),
        """
    b, n, c, h, w = q.shape
    s = torch.einsum("bnchw, bncyx -> bnhwyx", q, k).contiguous() / math.sqrt(c)
    s = s.view(b, n, h, w, -1)
    s = torch.softmax(s, -1)
    s = s.view(b, n, h, w, h, w)
    out = torch.einsum("bnhwyx, bncyx -> bnchw", s, v).contiguous()
    return out.view(b, n * c, h, w)
""",
    ),
    "sizes in a tuple": (
        (2, 4, 5, 6),
        """
    B, C, H, W = q.shape
    w = torch.einsum("bchw,bcij->bhwij", q, k) * (int(C) ** (-0.5))
    w = torch.reshape(w, (B, H, W, H * W))
    w = F.softmax(w, dim=-1)
    w = torch.reshape(w, (B, H, W, H, W))
    return torch.einsum("bhwij,bcij->bchw", w, v)
""",
    ),
    "a scale behind the view, and capital letters": (
        (2, 4, 5, 6),
        """
    B, C, H, W = q.shape
    w = torch.einsum("bchw, bcHW -> bhwHW", q, k)
    w = torch.softmax(w.reshape(B, H, W, H * W) / math.sqrt(C), dim=-1).reshape(B, H, W, H, W)
    out = torch.einsum("bhwHW, bcHW -> bchw", w, v)
    return out.contiguous()
""",
    ),
}


def text_of(body: str) -> str:
    return f"{HEAD}def f(q, k, v):{body}"


@pytest.mark.parametrize("name", FORMS)
def test_the_call_computes_the_same(name: str) -> None:
    size, body = FORMS[name]
    fixed = behind_fix(text_of(body))
    assert "softmax" not in fixed
    assert ".reshape(v.shape)" in fixed
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(size, generator=generator, requires_grad=True) for _ in range(3))
    results = []
    for text in (text_of(body), fixed):
        names: dict[str, Any] = {}
        exec(text, names)
        out = names["f"](q, k, v)
        results.append([out, *torch.autograd.grad(out.square().sum(), (q, k, v))])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other)


BODY = FORMS["sizes in a tuple"][1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(B, H, W, H * W)", "(B, H, H, W * W)"),  # other axes are joined
        ("(B, H, W, H * W)", "(B, W, H, H * W)"),
        ("(B, H, W, H * W)", "(B, H, H * W, W)"),
        ("(B, H, W, H, W))", "(B, H, W, W, H))"),  # they are parted otherwise
        ("dim=-1", "dim=1"),
        ("bhwij,bcij->bchw", "bhwij,bcij->bcwh"),
        ("bhwij,bcij->bchw", "bhwij,bcji->bchw"),
        ("bhwij,bcij->bchw", "bijhw,bcij->bchw"),
        ("bchw,bcij->bhwij", "bcwh,bcij->bhwij"),
    ],
)
def test_other_axes_stand_in_the_way(one: str, other: str) -> None:
    assert one in BODY
    found = attentions(text_of(BODY.replace(one, other)))
    assert all(each.obstacles for each in found)


def test_values_without_a_name_are_not_written_twice() -> None:
    assert behind_fix(text_of(BODY.replace(", w, v)", ", w, k * 2)"))) == "the values have no name"


CALL = "F.scaled_dot_product_attention({q}, {k}, {v}, scale={s}){behind}"
RIGHT = {
    "q": "q.flatten(2, 3).transpose(-2, -1)",
    "k": "k.flatten(2, 3).transpose(-2, -1)",
    "v": "v.flatten(2, 3).transpose(-2, -1)",
    "s": "int(C) ** (-0.5)",
    "behind": ".transpose(-2, -1).reshape(v.shape)",
}


@pytest.mark.parametrize(
    ("name", "text", "is_same"),
    [
        ("q", RIGHT["q"], True),
        ("q", "q.flatten(1, 2).transpose(-2, -1)", False),
        ("q", "q.flatten(2, 3)", False),
        ("k", "v.flatten(2, 3).transpose(-2, -1)", False),
        ("v", "v.transpose(2, 3).flatten(2, 3).transpose(-2, -1)", False),
        ("s", "1.0", False),
        ("behind", ".transpose(-2, -1).reshape(k.shape)", False),
        ("behind", ".reshape(v.shape)", False),
        ("behind", ".transpose(-2, -1)", False),
        ("behind", ".transpose(-2, -1).reshape(v.shape).transpose(2, 3)", False),
    ],
)
def test_another_call_is_refused(name: str, text: str, is_same: bool) -> None:
    original = text_of(BODY)
    (found,) = attentions(original)
    call = CALL.format(**{**RIGHT, name: text})
    fixed = text_of(f"\n    B, C, H, W = q.shape\n    return {call}\n")
    assert found.is_proved((Edit(0, len(original), fixed),)) is is_same
