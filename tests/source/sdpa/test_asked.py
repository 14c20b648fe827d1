"""Scores that are asked for something that query or key have too, and masks expanded to them."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions, behind_fix, function, written

CALL = "F.scaled_dot_product_attention(q, k, v, attn_mask=%s, scale=1.0)"
END = "s.softmax(-1) @ v"


@pytest.mark.parametrize(
    ("steps", "mask"),
    [
        ("s = s + m.to(s.dtype)", "m.to(q.dtype)"),
        ("s = s + m.type_as(s)", "m.type_as(q)"),
        ("s = s.masked_fill(m.to(s.device), -1e9)", "~m.to(q.device)"),
        ("s = s + s.new_full((5, 5), 0.5)", "q.new_full((5, 5), 0.5)"),
        ("s = s.masked_fill((m < 2).expand_as(s), -1e9)", "~(m < 2)"),
        ("s = s.masked_fill(m.expand_as(s), float('-1e20'))", "~m"),
        ("s = s.masked_fill(m[:, None].expand(*s.shape) == 0, -1e9)", "m[:, None] != 0"),
        ("s += m.expand(s.size())", "m"),
        ("m = m.unsqueeze(1).expand_as(s); s.masked_fill_(m == 0, -1e9)", "m != 0"),
        ("n = torch.ones(s.shape[-2:]).triu(1).bool(); s = s.masked_fill(n, -1e9)", "~n"),
        ("n = torch.full_like(s, -1e9); s = torch.where(m, n, s)", "~m"),
    ],
)
def test_the_query_is_asked(steps: str, mask: str) -> None:
    assert written(f"s = q @ k.mT; {steps}; {END}") == CALL % mask


def test_a_statement_that_stays_asks_the_query() -> None:
    text = f"""{HEAD}
def attend(q, k, v, m):
    s = torch.einsum("bhid,bhjd->bhij", q, k)
    n = torch.zeros(s.shape[-2:], dtype=s.dtype, device=s.device)
    m = m[:, None].expand_as(s)  # for every head
    s = (s + n).masked_fill(m, -1e9)
    return s.softmax(-1) @ v
"""
    assert behind_fix(text).partition("m):\n")[2] == (
        "    n = torch.zeros((q.shape[-2], k.shape[-2]), dtype=q.dtype, device=q.device)\n"
        "    m = m[:, None]  # for every head\n"
        "    return F.scaled_dot_product_attention(\n"
        '        q, k, v,\n        attn_mask=torch.where(~m, n, float("-inf")),\n'
        "        scale=1.0,\n    )\n"
    )


@pytest.mark.parametrize("end", ["", "        # as the scores\n"])
def test_a_mask_that_is_expanded_to_itself_goes(end: str) -> None:
    text = f"""{HEAD}
def attend(q, k, v, m=None):
    s = torch.einsum("bhid,bhjd->bhij", q, k)
    if m is not None:
{end}        m = m.expand_as(s)
        s = s.masked_fill(m == 0, -1e9)
    return s.softmax(-1) @ v
"""
    fixed = behind_fix(text)
    assert "expand_as" not in fixed
    assert "m = m" not in fixed
    assert "attn_mask=m != 0 if m is not None else None" in fixed


@pytest.mark.parametrize(
    "body",
    [
        "s = s.masked_fill(m == 0, -1e9); n = m.expand_as(s).sum(); o = s.softmax(-1) @ v; o, n",
        "m = m.expand_as(s); s = s.masked_fill(m == 0, -1e9); o = s.softmax(-1) @ v; o, m",
        "n = m.expand_as(s); n[0] = 1; s = s.masked_fill(n == 0, -1e9); " + END,
        "n = torch.where(m.expand_as(s), 0.0, -1e9); s = s + n; o = s.softmax(-1) @ v; o, n",
        "n = b.masked_fill(m.expand_as(s), -1e9); s = s + n; o = s.softmax(-1) @ v; o, n",
        "n = m.expand_as(s); s = s.masked_fill(n == 0, -1e9); o = s.softmax(-1) @ v;"
        " o, [n.sum() for _ in o]",
        "f = lambda: n.sum(); n = m.expand_as(s); s = s.masked_fill(n == 0, -1e9);"
        " o = s.softmax(-1) @ v; o, f()",
        "s = s.float(); s = s + m.to(s.dtype); " + END,
    ],
)
def test_what_has_another_value_without_the_scores(body: str) -> None:
    assert written(f"s = q @ k.mT; {body}").startswith("the scores are used again")


def test_a_dtype_that_is_asked_behind_a_mask_which_must_have_it() -> None:
    body = "q = self.cut(q); s = q @ k.mT; s = s + b; c = self.make_mask(s.dtype, s.device)"
    text = function(f"{body}; s = s + c; s.softmax(-1) @ v", "self, q, k, v, b")
    assert "attn_mask=b + c" in behind_fix(text)
    (found,) = attentions(text)
    assert found.drawback == ""  # a mask that is made of a dtype is not learned


def test_a_mask_that_is_expanded_for_other_values_too() -> None:
    body = "n = m.expand_as(s); x = v.masked_fill(n == 0, 0.0); s = s.masked_fill(n == 0, -1e9)"
    expected = "a mask that is expanded to the scores is used again"
    assert written(f"s = q @ k.mT; {body}; s.softmax(-1) @ x") == expected


@pytest.mark.parametrize("change", ["q = q.half()", "q = None"])
def test_another_query_is_not_asked(change: str) -> None:
    result = written(f"s = q @ k.mT; {change}; s = s + m.to(s.dtype); {END}")
    assert result == "a name stands for something else at the second product"


CLEARED = "s = q @ k.mT; s = s.masked_fill(%s, -1e9); w = s.softmax(-1); w = %s; w @ v"


@pytest.mark.parametrize(
    ("filled", "cleared", "mask"),
    [
        ("m == 0", "w.masked_fill(m == 0, 0.0)", "m != 0"),
        ("~m", "w.masked_fill(~m, 0)", "m"),
        ("~m", "torch.where(m, w, 0.0)", "m"),
        ("m", "torch.where(m, torch.zeros_like(w), w)", "~m"),
        ("m", "torch.nan_to_num(w)", "~m"),
        ("m", "F.dropout(w.nan_to_num(0.0), 0.0)", "~m, dropout_p=0.0"),
    ],
)
def test_weights_that_are_zero_are_set_to_zero(filled: str, cleared: str, mask: str) -> None:
    assert written(CLEARED % (filled, cleared)) == CALL % mask


@pytest.mark.parametrize(
    ("filled", "cleared"),
    [
        ("m == 0", "w.masked_fill(m == 1, 0.0)"),
        ("m == 0", "w.masked_fill(b == 0, 0.0)"),
        ("m == 0", "w.masked_fill(m == 0, 0.5)"),
        ("m == 0", "w.mT.masked_fill(m == 0, 0.0).mT"),
        ("~m", "torch.where(m, 0.0, w)"),
        ("m", "torch.nan_to_num(w, nan=1.0)"),
        ("m", "w.masked_fill(m, 0.0) if flag else w.masked_fill(b, 0.0)"),
    ],
)
def test_weights_that_are_not_zero_are_set_to_zero(filled: str, cleared: str) -> None:
    result = written(CLEARED % (filled, cleared))
    assert "weights" in result
    assert "scaled_dot" not in result


def test_weights_without_a_mask_are_no_nan_by_the_code_alone() -> None:
    result = written("w = (q @ k.mT).softmax(-1); torch.nan_to_num(w) @ v")
    assert result == "`nan_to_num` changes the weights"


def test_scores_are_masked_for_nobody() -> None:
    result = written(f"s = q @ k.mT; s.masked_fill(m, -1e9); {END}")
    assert "given to `masked_fill`, whose result nobody uses" in result


def test_a_mask_of_an_inner_branch_is_asked_by_its_own_name() -> None:
    text = f"""{HEAD}
def attend(q, k, v, m=None, n=None):
    s = q @ k.mT
    if m is not None or n is not None:
        m = m[:, None] * n[:, :, None]
        s = s.masked_fill(~m, -1e9)
    return s.softmax(-1) @ v
"""
    (found,) = attentions(text)
    replacement = found.replacement()
    assert replacement is not None
    assert replacement.edits
    assert replacement.text == CALL % "m if m is not None else None"


@pytest.mark.parametrize("dtype", ["s.dtype", "q.dtype", "k.dtype"])
def test_a_softmax_in_the_dtype_of_the_scores_is_no_cast(dtype: str) -> None:
    text = f"{HEAD}def attend(q, k, v):\n    s = q @ k.mT\n    w = F.softmax(s, -1, dtype=D)\n"
    (found,) = attentions(text.replace("D)", f"{dtype})") + "    return w @ v\n")
    assert not found.obstacles
    assert not found.parts.is_cast


def test_a_softmax_in_the_dtype_of_something_else_is_one() -> None:
    result = written("s = q @ k.mT; F.softmax(s, -1, dtype=v.dtype) @ v")
    assert result == "the softmax is taken in an unknown dtype"


def test_a_bias_that_a_method_computes_is_asked_for_once() -> None:
    text = f"""{HEAD}
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(4, 4))

    def bias(self):
        return self.table.unsqueeze(0)

    def forward(self, q, k, v, mask=None):
        s = q @ k.mT + self.bias()
        if mask is not None:
            s = s + mask
        return s.softmax(-1) @ v
"""
    assert "attn_mask=self.bias() + (mask if mask is not None else 0)," in behind_fix(text)
