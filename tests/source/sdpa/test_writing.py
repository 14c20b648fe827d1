"""How one call is written: layouts, scale, masks, dropout."""

import pytest

from tests.source.sdpa.functions import written

CALL = "F.scaled_dot_product_attention"


@pytest.mark.parametrize(
    ("body", "arguments"),
    [
        # layouts
        ("(q @ k.transpose(-2, -1)).softmax(-1) @ v", "q, k, v, scale=1.0"),
        ("(q @ k.mT).softmax(-1) @ v", "q, k, v, scale=1.0"),
        ("(q @ k.transpose(2, 3)).softmax(-1) @ v", "q, k, v, scale=1.0"),
        ("(q @ k.T).softmax(1) @ v", "q, k, v, scale=1.0"),
        ("(q @ k.mT).softmax(3) @ v", "q, k, v, scale=1.0"),
        ("(q @ k).softmax(-1) @ v", "q, k.transpose(-2, -1), v, scale=1.0"),
        ("torch.bmm(torch.bmm(q, k.transpose(1, 2)).softmax(2), v)", "q, k, v, scale=1.0"),
        ("q.matmul(k.permute(0, 1, 3, 2)).softmax(-1).matmul(v)", "q, k, v, scale=1.0"),
        (
            "torch.einsum('bhij,bhjd->bhid', torch.einsum('bhid,bhjd->bhij', q, k).softmax(3), v)",
            "q, k, v, scale=1.0",
        ),
        (
            "torch.einsum('bij,bjd->bid', torch.einsum('bdi,bdj->bij', q, k).softmax(-1), v)",
            "q.transpose(-2, -1), k.transpose(-2, -1), v, scale=1.0",
        ),
        (
            "w = torch.einsum('bhid,bjd->bhij', q, k).softmax(-1); w @ v.unsqueeze(1)",
            "q, k.unsqueeze(1), v.unsqueeze(1), scale=1.0",
        ),
        (
            "(q.permute(0, 2, 1, 3) @ k.permute(0, 2, 3, 1)).softmax(-1) @ v",
            "q.permute(0, 2, 1, 3), k.transpose(1, 2), v, scale=1.0",
        ),
        # scale
        ("(q @ k.mT * 0.125).softmax(-1) @ v", "q, k, v, scale=0.125"),
        ("(q @ k.mT / math.sqrt(64)).softmax(-1) @ v", "q, k, v, scale=1 / math.sqrt(64)"),
        ("(q @ k.mT / np.sqrt(8) * 2).softmax(-1) @ v", "q, k, v, scale=1 / np.sqrt(8) * 2"),
        (
            "s = q @ k.mT; s *= q.size(-1) ** -0.5; s.softmax(-1) @ v",
            "q, k, v, scale=q.size(-1) ** -0.5",
        ),
        ("s = (q * 0.5) @ k.mT; s.softmax(-1) @ v", "q * 0.5, k, v, scale=1.0"),
        (
            "scale = torch.rsqrt(torch.tensor(64.0)); (q @ k.mT * scale).softmax(-1) @ v",
            "q * scale, k, v, scale=1.0",
        ),
        (
            "w = torch.baddbmm(b, q, k.mT, beta=0, alpha=0.5).softmax(-1); torch.bmm(w, v)",
            "q, k, v, scale=0.5",
        ),
        # masks
        ("(q @ k.mT + b).softmax(-1) @ v", "q, k, v, attn_mask=b, scale=1.0"),
        ("(q @ k.mT - b).softmax(-1) @ v", "q, k, v, attn_mask=-b, scale=1.0"),
        ("(q @ k.mT).masked_fill(m, -1e9).softmax(-1) @ v", "q, k, v, attn_mask=~m, scale=1.0"),
        (
            "(q @ k.mT).masked_fill(~m, -math.inf).softmax(-1) @ v",
            "q, k, v, attn_mask=m, scale=1.0",
        ),
        (
            "(q @ k.mT).masked_fill(m == 0, float('-inf')).softmax(-1) @ v",
            "q, k, v, attn_mask=m != 0, scale=1.0",
        ),
        (
            "s = q @ k.mT; low = -torch.finfo(s.dtype).max; s.masked_fill(m, low).softmax(-1) @ v",
            "q, k, v, attn_mask=~m, scale=1.0",
        ),
        ("torch.where(m, q @ k.mT, -1e9).softmax(-1) @ v", "q, k, v, attn_mask=m, scale=1.0"),
        ("torch.where(m, -1e9, q @ k.mT).softmax(-1) @ v", "q, k, v, attn_mask=~m, scale=1.0"),
        (
            "s = q @ k.mT; s = s + b if b is not None else s; s.softmax(-1) @ v",
            "q, k, v, attn_mask=b, scale=1.0",
        ),
        (
            "s = q @ k.mT; s = s.masked_fill(m, -1e9) if flag else s; s.softmax(-1) @ v",
            "q, k, v, attn_mask=~m if flag else None, scale=1.0",
        ),
        (
            "(q @ k.mT + b).masked_fill(m, -1e9).softmax(-1) @ v",
            'q, k, v, attn_mask=torch.where(~m, b, float("-inf")), scale=1.0',
        ),
        ("(q @ k.mT + b + m).softmax(-1) @ v", "q, k, v, attn_mask=b + m, scale=1.0"),
        # two of which each, or one, is optional
        (
            "s = q @ k.mT; s = s + m if m is not None else s; "
            "s = s + b if b is not None else s; s.softmax(-1) @ v",
            "q, k, v, attn_mask=(m + b if b is not None else m) if m is not None else b, scale=1.0",
        ),
        (
            "s = q @ k.mT; s = s.masked_fill(m, -1e9) if flag else s; "
            "s.masked_fill(b == 0, -1e9).softmax(-1) @ v",
            "q, k, v, attn_mask=~m & (b != 0) if flag else b != 0, scale=1.0",
        ),
        # three of which two are optional, and of two kinds
        (
            "s = q @ k.mT + b; s = s + m if m is not None else s; "
            "s = s - flag if flag is not None else s; s.softmax(-1) @ v",
            "q, k, v, attn_mask=(b + m + (-flag) if flag is not None else b + m) "
            "if m is not None else b + (-flag) if flag is not None else b, scale=1.0",
        ),
        (
            "s = q @ k.mT; s = s + b if flag else s; "
            "s = s.masked_fill(m == 0, -1e9) if m is not None else s; s.softmax(-1) @ v",
            'q, k, v, attn_mask=(torch.where(m != 0, b, float("-inf")) if m is not None else b) '
            "if flag else m != 0 if m is not None else None, scale=1.0",
        ),
        # on other axes than those of the call
        (
            "s = torch.einsum('bhid,bhjd->bijh', q, k) + b; "
            "torch.einsum('bijh,bhjd->bhid', s.softmax(2), v)",
            "q, k, v, attn_mask=b.movedim(-1, -3), scale=1.0",
        ),
        (
            "s = torch.einsum('bhid,bhjd->bihj', q, k).masked_fill(~m[:, None], -1e9); "
            "torch.einsum('bihj,bhjd->bhid', s.softmax(-1), v)",
            "q, k, v, attn_mask=m[:, None].transpose(-3, -2), scale=1.0",
        ),
        # scaled behind it
        ("((q @ k.mT + b) * 2).softmax(-1) @ v", "q, k, v, attn_mask=b * 2, scale=2"),
        ("((q @ k.mT - b) / 8).softmax(-1) @ v", "q, k, v, attn_mask=(-b) / 8, scale=1 / 8"),
        (
            "s = q @ k.mT; s = s + b if b is not None else s; (s * 0.5).softmax(-1) @ v",
            "q, k, v, attn_mask=b * 0.5 if b is not None else None, scale=0.5",
        ),
        # what makes no difference to a softmax
        ("s = q @ k.mT; s = s - s.amax(-1, keepdim=True); s.softmax(-1) @ v", "q, k, v, scale=1.0"),
        ("(q @ k.mT + 1e-6).softmax(-1) @ v", "q, k, v, scale=1.0"),
        ("s = q @ k.mT; s.float().softmax(-1).type(s.dtype) @ v", "q, k, v, scale=1.0"),
        # dropout
        (
            "w = F.dropout((q @ k.mT).softmax(-1), 0.1, flag); w @ v",
            "q, k, v, dropout_p=0.1 if flag else 0.0, scale=1.0",
        ),
        (
            "w = F.dropout((q @ k.mT).softmax(-1), p=0.1); w @ v",
            "q, k, v, dropout_p=0.1, scale=1.0",
        ),
        ("w = F.dropout((q @ k.mT).softmax(-1), 0.1, False); w @ v", "q, k, v, scale=1.0"),
        ("w = nn.Dropout(0.2)((q @ k.mT).softmax(-1)); w @ v", "q, k, v, dropout_p=0.2, scale=1.0"),
        # causal
        (
            "n, d = q.shape[-2:]; k = q; c = torch.ones(n, n).tril(); "
            "(q @ k.mT).masked_fill(c == 0, -1e9).softmax(-1) @ v",
            "q, k, v, attn_mask=c != 0, scale=1.0",
        ),
        (
            "b, n, d = q.shape; k = q; c = torch.ones(n, n).tril(); "
            "(q @ k.mT).masked_fill(c == 0, -1e9).softmax(-1) @ v",
            "q, k, v, is_causal=True, scale=1.0",
        ),
        (
            "b, n, d = q.shape; k = q; c = torch.ones(n, n).triu(1).bool(); "
            "(q @ k.mT).masked_fill(c[None], -1e9).softmax(-1) @ v",
            "q, k, v, is_causal=True, scale=1.0",
        ),
    ],
)
def test_arguments(body: str, arguments: str) -> None:
    assert written(body) == f"{CALL}({arguments})"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "w = torch.einsum('bqhd,bkhd->bhqk', q, k).softmax(-1); "
            "torch.einsum('bhqk,bkhd->bqhd', w, v)",
            f"{CALL}(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), scale=1.0)"
            ".transpose(1, 2)",
        ),
        (
            "w = torch.bmm(q, k).softmax(-1); torch.bmm(v, w.transpose(1, 2))",
            f"{CALL}(q, k.transpose(-2, -1), v.transpose(-2, -1), scale=1.0).transpose(-2, -1)",
        ),
        # a view of the result needs it contiguous, as a product makes it
        (
            "o = (q @ k.mT).softmax(-1) @ v; o.view(2, -1)",
            f"{CALL}(q, k, v, scale=1.0).contiguous()",
        ),
    ],
)
def test_views_behind_the_call(body: str, text: str) -> None:
    assert written(body) == text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("s = q @ k.mT; q = q + 1; s.softmax(-1) @ v", "a name stands for something else"),
        ("s = q @ k.mT; q.zero_(); s.softmax(-1) @ v", "changed in place between"),
        ("s = q @ k.mT; m[0] = 1; s.softmax(-1) @ v", "something is changed between"),
        ("s = q @ k.mT; w = s.softmax(-1); del s, k; k = v; w @ v", "stands for something else"),
        ("global k; s = q @ k.mT; w = s.softmax(-1); del k; w @ v", "stands for something else"),
        # what else a product is told, and a dropout
        ("w = (q @ k.mT).softmax(-1); torch.bmm(w, v, out=m)", "written into another tensor"),
        ("s = torch.bmm(q, k, out_dtype=m); s.softmax(-1) @ v", "or in another dtype"),
        ("w = F.dropout((q @ k.mT).softmax(-1), **m); w @ v", "a way that is not known"),
    ],
)
def test_what_cannot_be_written(body: str, reason: str) -> None:
    assert reason in written(body)


def test_a_bias_that_is_a_number_where_nobody_gives_one() -> None:
    result = written("b = 0 if b is None else b; s = q @ k.mT + b; s.softmax(-1) @ v")
    assert "attn_mask=attn_mask" in result  # it is added to zeros
