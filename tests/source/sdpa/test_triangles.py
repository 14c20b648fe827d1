"""Causal masks that are made like the scores: written without these, run, and look-alikes."""

from collections.abc import Callable

import pytest
import torch

from tests.source.sdpa.functions import behind_fix, function, written

MADE = "q.new_ones((q.shape[-2], k.shape[-2])"
END = "s.softmax(-1) @ v"
SCORES = "s = q @ k.transpose(-1, -2)"
DIFFUSION = f"""{SCORES}
    if flag:
        n = torch.ones_like(s, dtype=torch.bool).triu(1)
        s.masked_fill_(n, -torch.inf)
    s /= math.sqrt(8)
    s = F.softmax(s, dim=-1)
    o = s @ v; o"""
ALWAYS = "{}; n = {}; {}; {}"
FORMS = {
    "flagged, in place, and scaled behind": DIFFUSION,
    "a float triangle": f"{SCORES}; n = torch.triu(torch.ones_like(s), diagonal=1).bool(); "
    f"s = s.masked_fill(n, float('-inf')); {END}",
    "two names": f"{SCORES}; a = torch.ones_like(s, device=s.device); n = torch.tril(a); "
    f"s = s.masked_fill(n == 0, torch.finfo(s.dtype).min); {END}",
    "compared": f"{SCORES} / 3; n = torch.ones_like(s).tril(); "
    f"s = torch.where(n == 1, s, -torch.inf); {END}",
    "added": f"{SCORES}; n = torch.full_like(s, float('-inf')).triu(1); s = s + n; {END}",
    "kept by the code": f"{SCORES} * 0.5; n = torch.ones_like(s, dtype=torch.bool).tril(); "
    f"s = s.masked_fill(~n, -1e9); {END}",
    "einsum": "s = torch.einsum('bhid,bhjd->bhij', q, k); "
    f"n = torch.ones_like(s, dtype=torch.bool).triu(1); s[n] = -math.inf; {END}",
    "an index, keys first": "s = torch.einsum('bhjd,bhid->bhij', k, q); "
    f"mask = torch.ones_like(s, dtype=torch.bool).triu(1); s[mask] = -math.inf; {END}",
}


def ran(text: str, rows: int, *, flag: bool) -> list[torch.Tensor]:
    """The result of the function in a text, and the gradients of query, key and value."""
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
    text = function(FORMS[name])
    fixed = behind_fix(text)
    assert "scaled_dot_product_attention" in fixed
    assert "softmax" not in fixed
    for rows in (5, 3, 7):
        for flag in (True, False):
            pairs = zip(ran(text, rows, flag=flag), ran(fixed, rows, flag=flag), strict=True)
            assert all(torch.allclose(one, other) for one, other in pairs)
