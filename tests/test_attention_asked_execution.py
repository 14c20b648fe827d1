"""Fixes compute the same where scores are asked for something, or weights are set to 0 again."""

import pytest

from tests.attention_forms import judged

FORMS = {
    "a mask that a statement expands, and weights that are cleared by it": """
        s = scale * (q @ k.mT)
        if training:
            mask = mask[None].expand_as(s)
            s[mask] = -math.inf
        w = s.softmax(-1)
        if training:
            c = w.clone()
            c[mask] = 0
            w = c
        return w @ v
    """,
    "a mask that is expanded where it is compared": """
        s = q @ k.mT
        m = (~mask).unsqueeze(0).expand(s.size())
        s.masked_fill_(m == 0, -math.inf)
        w = s.softmax(-1).masked_fill(m == 0, 0.0)
        return w @ v
    """,
    "a mask that is expanded to itself": """
        s = q @ k.mT
        if training:
            mask = mask.expand_as(s)
            s = s.masked_fill(mask, -1e9)
        return s.softmax(-1) @ v
    """,
    "a bias that is expanded": """
        s = q @ k.mT
        s = s + bias.expand_as(s)
        return s.softmax(-1) @ v
    """,
    "scores that are asked for their shape, device and dtype": """
        s = q @ k.mT
        m = torch.ones(s.shape[-2:], device=s.device).triu(1).bool()
        s = s.masked_fill(m, torch.finfo(s.dtype).min)
        return s.softmax(-1) @ v
    """,
    "scores behind a bias that are asked for their size": """
        s = q @ k.mT
        if bias is not None:
            s = s + bias
        if not training:
            i, j = s.size(-2), s.size(-1)
            s.masked_fill_(torch.triu(torch.ones((i, j), device=s.device), 1).bool(), -1e9)
        return s.softmax(-1) @ v
    """,
    "a diagonal that is masked, behind a scale": """
        s = q @ k.mT * torch.tensor(scale).exp()
        m = torch.eye(s.shape[-1], device=s.device, dtype=torch.bool)
        s = s.masked_fill(m, -torch.finfo(s.dtype).max)
        return s.softmax(-1) @ v
    """,
    "scores that other tensors are made like": """
        s = q @ k.mT
        b = s.new_zeros(1)
        s = s + (bias.to(s.dtype) + b.to(s))
        return s.softmax(-1) @ v
    """,
    "a triangle of 0 and 1 that scores are blended by": """
        s = q @ k.mT
        n, m = s.size(-2), s.size(-1)
        b = torch.tril(torch.ones(n, m)).view(1, 1, n, m).to(s.dtype)
        s = s * b - 1e10 * (1 - b)
        return s.softmax(-1) @ v
    """,
    "a mask as numbers that scores are blended by, and a bias": """
        s = (q @ k.mT) * scale
        if mask is not None:
            m = (~mask).float()
            s = s * m + -1e9 * (1 - m)
        s = s + bias
        return s.softmax(-1) @ v
    """,
    "weights that `where` clears": """
        s = (q @ k.mT).masked_fill(mask, -1e9)
        w = torch.where(mask, 0.0, s.softmax(-1))
        return w @ v
    """,
    "weights without nan": """
        s = (q @ k.mT).masked_fill(~(mask == 0), -math.inf)
        w = torch.nan_to_num(s.softmax(-1))
        return w @ v
    """,
    "a tensor like the scores, filled with a low number": """
        s = q @ k.mT
        low = torch.full_like(s, -1e9, dtype=s.dtype)
        if training:
            s = torch.where(mask, low, s)
        return s.softmax(-1) @ v
    """,
    "a mask that an inner branch reshapes": """
        s = q @ k.mT
        if mask is not None:
            if mask.dim() == 2:
                mask = mask[None]
            s = s.masked_fill(mask == 1, -1e9)
        return s.softmax(-1) @ v
    """,
    "a mask that is made where either of two is there": """
        s = q @ k.mT + bias
        rows = None
        if mask is not None or rows is not None:
            mask = mask.unsqueeze(0) * torch.ones_like(mask)
            s.masked_fill_(mask, -torch.finfo(s.dtype).max)
        return s.softmax(-1) @ v
    """,
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_was_seen_in_public_code(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(FORMS[name], monkeypatch) == "fixed and equal"
