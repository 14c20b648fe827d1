"""Causal masks that are made like the scores: written without these, run, and look-alikes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.source.sdpa.functions import attentions, behind_fix, function, written

if TYPE_CHECKING:
    import torch

END = "s.softmax(-1) @ v"
SCORES = "s = q @ k.transpose(-1, -2)"
DIFFUSION = f"""{SCORES}
    if flag:
        n = torch.ones_like(s, dtype=torch.bool).triu(1)
        s.masked_fill_(n, -torch.inf)
    s /= math.sqrt(8)
    s = F.softmax(s, dim=-1)
    o = s @ v; o"""
FORMS = {
    "flagged, in place, and scaled behind": DIFFUSION,
    "a float triangle": f"{SCORES}; n = torch.triu(torch.ones_like(s), diagonal=1).bool(); "
    f"s = s.masked_fill(n, float('-inf')); {END}",
    "two names": f"{SCORES}; a = torch.ones_like(s, device=s.device); n = torch.tril(a); "
    f"s = s.masked_fill(n == 0, torch.finfo(s.dtype).min); {END}",
    "compared": f"{SCORES} / 3; n = torch.ones_like(s).tril(); "
    f"s = torch.where(n == 1, s, -torch.inf); {END}",
    "added": f"{SCORES}; n = torch.full_like(s, float('-inf')).triu(1); s = s + n; {END}",
    "added where it is made": f"{SCORES}; s = s + torch.full_like(s, -torch.inf).triu(1); {END}",
    "infinite ones": f"{SCORES}; s = s + torch.triu(torch.ones_like(s) * -torch.inf, 1); {END}",
    "masked where it is made": f"{SCORES}; "
    f"s = s.masked_fill(torch.ones_like(s).triu(1).bool(), -torch.inf); {END}",
    "of lengths that are asked where it masks": f"{SCORES}; s = torch.where(torch.tril("
    f"torch.ones(s.shape[-2:], device=s.device)) == 1, s, -torch.inf); {END}",
    "of two lengths": f"{SCORES}; s += torch.ones(s.size(-2), s.size(-1)).triu(1) * -1e9; {END}",
    "kept by the code": f"{SCORES} * 0.5; n = torch.ones_like(s, dtype=torch.bool).tril(); "
    f"s = s.masked_fill(~n, -1e9); {END}",
    "scaled in front": f"d_head = q.shape[-1]; {SCORES} / d_head; n = torch.ones_like(s).triu(1); "
    f"s = s.masked_fill(n == 1, -1e9); {END}",
    "an index": f"{SCORES}; n = torch.ones_like(s, dtype=torch.bool).triu(1); s[n] = -1e9; {END}",
    "keys first": "s = torch.einsum('bhjd,bhid->bhij', k, q); "
    f"n = torch.ones_like(s, dtype=torch.bool).triu(1); s = s.masked_fill(n, -1e9); {END}",
    "cleared weights": f"{SCORES}; n = torch.ones_like(s).triu(1).bool(); "
    f"s = s.masked_fill(n, -1e9); w = s.softmax(-1).masked_fill(n, 0.0); w @ v",
}


def ran(text: str, rows: int, *, flag: bool) -> list["torch.Tensor"]:
    """The result of the function in a text, and the gradients of query, key and value."""
    torch = pytest.importorskip("torch")
    names: dict[str, object] = {}
    exec(compile(text, "a.py", "exec"), names)
    attend = names["attend"]
    assert isinstance(attend, Callable)
    draw = torch.Generator().manual_seed(1)
    inputs = [
        torch.randn(2, 3, length, 8, generator=draw, dtype=torch.float64, requires_grad=True)
        for length in (rows, 5, 5)
    ]
    result = attend(*(each * 1.0 for each in inputs), flag=flag)
    result.square().sum().backward()
    return [result.detach(), *(each.grad for each in inputs if each.grad is not None)]


@pytest.mark.parametrize("name", FORMS)
def test_the_fix_computes_the_same(name: str) -> None:
    torch = pytest.importorskip("torch")
    text = function(FORMS[name])
    fixed = behind_fix(text)
    assert "scaled_dot_product_attention" in fixed
    assert "softmax" not in fixed
    for rows in (5, 3, 7):
        for flag in (True, False):
            pairs = zip(ran(text, rows, flag=flag), ran(fixed, rows, flag=flag), strict=True)
            assert all(torch.allclose(one, other) for one, other in pairs)


def test_the_mask_is_made_where_the_flag_is_set() -> None:
    assert behind_fix(function(DIFFUSION)).partition("False):\n")[2] == (
        "    if flag:\n"
        "        n = q.new_ones((q.shape[-2], k.shape[-2]), dtype=torch.bool).triu(1)\n"
        "    o = F.scaled_dot_product_attention(\n"
        "        q, k, v,\n        attn_mask=~n if flag else None,\n"
        "        scale=1 / math.sqrt(8),\n    )\n    return o\n"
    )


BOOLEAN = "n = torch.ones_like(s, dtype=torch.bool).triu(1)"
FILLED = "s = s.masked_fill(n, -torch.inf)"


@pytest.mark.parametrize(
    "body",
    [
        # the mask is seen, or used for something else
        f"{BOOLEAN}; {FILLED}; o = {END}; o, n",
        f"{BOOLEAN}; {FILLED}; o = {END}; o, n.sum()",
        f"{BOOLEAN}; g = lambda: n; {FILLED}; o = {END}; o, g",
        f"a = torch.ones_like(s); n = a.triu(1).bool(); g = lambda: a; {FILLED}; o = {END}; o, g",
        f"a = torch.ones_like(s); n = a.triu(1).bool(); {FILLED}; o = {END}; o, a",
        f"{BOOLEAN}; {FILLED}; x = v.masked_fill(n, 0.0); s.softmax(-1) @ x",
        # it is changed
        f"{BOOLEAN}; n[0] = False; {FILLED}; {END}",
        f"{BOOLEAN}; n.fill_(False); {FILLED}; {END}",
        f"{BOOLEAN}; n = n | m; {FILLED}; {END}",
        f"n = torch.ones_like(s, dtype=torch.bool).triu(1).mT; {FILLED}; {END}",
        f"n = torch.ones_like(s, requires_grad=True).triu(1); s = s + n; {END}",
        # the scores are seen, or have another dtype or other axes than a product of these
        f"{BOOLEAN}; {FILLED}; o = {END}; o, s",
        f"s = s.float(); n = torch.ones_like(s).triu(1); s = s + n; {END}",
        f"s = s @ b; {BOOLEAN}; {FILLED}; {END}",
        f"{BOOLEAN}; s = s.transpose(1, 2); {FILLED}; s = s.transpose(1, 2); {END}",
        f"{BOOLEAN}; {FILLED}; s.softmax(1) @ v",
        # query is another one behind it
        f"q = q * 2; {BOOLEAN}; {FILLED}; {END}",
        f"{BOOLEAN}; q = None; {FILLED}; {END}",
    ],
)
def test_what_only_looks_like_it(body: str) -> None:
    assert "scaled_dot" not in written(f"{SCORES}; {body}")


def test_a_softmax_over_the_queries_is_none() -> None:
    assert not attentions(function(f"{SCORES}; {BOOLEAN}; {FILLED}; s.softmax(-2) @ v"))


def test_a_flag_that_is_used_again_and_another_one() -> None:
    body = DIFFUSION.replace("s /= math.sqrt(8)", "flag = not flag\n    s /= math.sqrt(8)")
    assert "attn_mask=attn_mask" in behind_fix(function(body))  # asked where it stood


@pytest.mark.parametrize("made", ["triu(2)", "tril(-1)", "triu(diagonal=3)"])
def test_another_triangle_stays_another_one(made: str) -> None:
    torch = pytest.importorskip("torch")
    text = function(DIFFUSION.replace("triu(1)", made))
    fixed = behind_fix(text)
    assert f"dtype=torch.bool).{made}" in fixed
    for flag in (True, False):
        pairs = zip(ran(text, 5, flag=flag), ran(fixed, 5, flag=flag), strict=True)
        assert all(torch.allclose(one, other) for one, other in pairs)
