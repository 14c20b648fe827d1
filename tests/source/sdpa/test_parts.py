"""What stands in the way of one call, and that it is said."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions, function, written


@pytest.mark.parametrize(
    ("body", "obstacle"),
    [
        ("w = (q @ k.mT).softmax(-1); (w @ v, w)", "the weights are returned"),
        ("w = (q @ k.mT).softmax(-1); flag.w = w; w @ v", "the weights are kept in an attribute"),
        (
            "w = (q @ k.mT).softmax(-1); w.register_hook(m); w @ v",
            "the weights are watched by a hook",
        ),
        ("s = q @ k.mT; print(s); s.softmax(-1) @ v", "the scores are used again"),
        (
            "s = q @ k.mT; n = s.shape[0]; s.softmax(-1) @ v * n",
            "the scores are asked for their shape",
        ),
        ("s = (q @ k.mT).tanh() * 30; s.softmax(-1) @ v", "the scores are bounded by a tanh"),
        ("s = torch.cat((q @ k.mT, b), -1); s.softmax(-1) @ v", "more columns are joined"),
        ("s = (q @ k.mT).topk(3)[0]; s.softmax(-1) @ v", "only the largest scores are kept"),
        ("w = (q @ k.mT).softmax(-1) + b; w @ v", "the weights are changed behind the softmax"),
        (
            "s = nn.Conv2d(8, 8, 1)(q @ k.mT); s.softmax(-1) @ v",
            "the heads of the scores are mixed",
        ),
        ("(q @ k.mT * m).softmax(-1) @ v", "multiplied by what may be a mask"),
        ("(q @ k.mT).masked_fill(m, b).softmax(-1) @ v", "a mask of unknown meaning"),
        ("(q @ k.mT).masked_fill(m, -5.0).softmax(-1) @ v", "a mask of unknown meaning"),
        ("(q @ k.mT).double().softmax(-1) @ v", "the softmax is taken in another dtype"),
        ("F.softmax(q @ k.mT, -1, dtype=torch.float64) @ v", "taken in another dtype"),
        (
            "w = (q.float() @ k.float().mT).softmax(-1).type_as(v); w @ v",
            "query and key are cast to float32, and the values are not",
        ),
        ("s = (q @ k.mT).view(2, 3, 4, 5) + b; s.softmax(-1) @ v", "the scores are reshaped"),
        ("F.dropout(q @ k.mT, 0.1).softmax(-1) @ v", "a dropout before the softmax"),
        ("my_softmax(q @ k.mT) @ v", "`my_softmax` is another softmax than torch's"),
        ("(q @ k.mT).softmax(m) @ v", "the axis of the softmax is not literal"),
        (
            "s = (torch.einsum('bhid,bhjd->bijh', q, k) + b) * 2; "
            "torch.einsum('bijh,bhjd->bihd', s.softmax(2), v)",
            "a mask lies on other axes",
        ),
        (
            "s = torch.einsum('bghnd,bhsd->bhns', q, k); "
            "torch.einsum('bhns,bhsd->bhnd', s.softmax(-1), v)",
            "its axes are not those of one call",
        ),
        ("w = (q @ k.mT).softmax(-1); torch.baddbmm(b, w, v)", "a part of `baddbmm`"),
        (
            "s = torch.einsum('hg,bhij->bgij', nn.Parameter(b), q @ k.mT); s.softmax(-1) @ v",
            "the heads of the scores are mixed",
        ),
        (
            "s = q @ k.mT; n = s.size(); w = s.view(n[0] * n[1], n[2]).softmax(1); w.view(n) @ v",
            "the scores are reshaped between the products",
        ),
        ("(q @ k.mT).softmax(1) @ v", "which axis the softmax is taken over is not known"),
        ("(q @ k.mT).softmax(2) @ v", "which axis the softmax is taken over is not known"),
        ("(q @ k.transpose(0, 1)).softmax(1) @ v", "which axis the softmax is taken over is not"),
        ("F.softmax(q @ k.mT) @ v", "no axis, and torch takes the first of three, else the second"),
        ("F.softmax(q.bmm(k.mT), dim=None) @ v", "else the second: likely a bug"),
        ("nn.Softmax()(q.bmm(k.mT)) @ v", "else the second: likely a bug"),
    ],
)
def test_obstacles(body: str, obstacle: str) -> None:
    assert obstacle in written(body)


@pytest.mark.parametrize(
    "body",
    [
        "(q @ k.mT).sigmoid() @ v",
        "(q @ k.mT).softmax(-2) @ v",
        "(q @ k.mT).softmax(-1) * v",
        "q.softmax(-1) @ v",
        "torch.bmm(torch.bmm(q, k.mT).softmax(1), v)",
        "b, h, n, d = q.shape; (q @ k.mT).softmax(2) @ v",
        "(q + k).softmax(-1) @ v",
        "k = nn.Parameter(k); (q @ k.mT).softmax(-1) @ v",
        "w = torch.einsum('bnd,kd->bnk', q, k).softmax(-1); torch.einsum('bnk,kd->bnd', w, k)",
        "w = torch.einsum('bd,bnd->bn', q, k).softmax(-1); torch.einsum('bn,bnd->bd', w, v)",
        "w = torch.einsum('bid,bjd->bij', q, k).softmax(-1); torch.einsum('bij,bid->bjd', w, v)",
        "w = F.gumbel_softmax(q @ k.mT, dim=-1); w @ v",
        "w = F.log_softmax(q @ k.mT, dim=-1); w @ v",
        "w = (q @ k.mT).softmax(-1); 1",  # nobody uses it
    ],
)
def test_what_is_no_attention(body: str) -> None:
    assert attentions(function(body)) == []


def test_a_dropout_that_was_not_seen_made_is_no_dropout() -> None:
    text = f"""{HEAD}
class Attention(nn.Module):
    def forward(self, q, k, v):
        return self.dropout((q @ k.mT).softmax(-1)) @ v
"""
    (found,) = attentions(text)
    assert found.obstacles == ("`self.dropout` is not seen to be a dropout",)


def test_what_the_bases_in_the_file_make_is_seen() -> None:
    text = f"""{HEAD}
class Base(nn.Module):
    def __init__(self, dim, scale=None):
        super().__init__()
        self.scale = scale or dim**-0.5
        self.dropout = nn.Dropout(0.1)
        self.attend = nn.Softmax(dim=-1)
class Derived(Base):
    def forward(self, q, k, v):
        return self.dropout(self.attend(q @ k.mT * self.scale)) @ v
"""
    (found,) = attentions(text)
    replacement = found.replacement()
    assert replacement is not None
    assert replacement.text == (
        "F.scaled_dot_product_attention(q, k, v, "
        "dropout_p=self.dropout.p if self.dropout.training else 0.0, scale=self.scale)"
    )
    changed = text.replace("nn.Dropout(0.1)\n", "nn.Dropout(0.1) if dim else nn.Linear(3, 4)\n")
    assert attentions(changed)[0].obstacles
    heir = "class Heir(Derived):\n    def __init__(self):\n        self.dropout = nn.GELU()\n"
    assert attentions(text + heir)[0].obstacles


@pytest.mark.parametrize("loop", ["for _ in range(3)", "while flag"])
def test_attention_in_a_loop_is_found_and_what_a_loop_keeps_is_used(loop: str) -> None:
    text = f"{HEAD}def f(q, k, v, flag):\n    {loop}:\n        w = (q @ k.mT).softmax(-1)\n"
    (found,) = attentions(f"{text}        q = w @ v\n    return q\n")
    assert found.obstacles == ()
    (found,) = attentions(f"{text}        q = w @ v\n    return q, w\n")
    assert found.obstacles


def test_branches_behind_branches_take_no_time() -> None:
    branches = "; ".join(f"s = s + m if flag.a{each} else s" for each in range(60))
    attentions(function(f"s = q @ k.mT; {branches}; s.softmax(-1) @ v"))
    many = "; ".join(f"o{each} = (q @ k.mT).softmax(-1) @ v" for each in range(300))
    names = ", ".join(f"o{each}" for each in range(300))
    assert len(attentions(function(f"{many}; ({names})"))) == 300


@pytest.mark.parametrize(
    "step",
    ["m = m + m", "m = m * m.t()", "m = m if flag else m.t()", "m = m.view(3, 3) if b else m"],
)
def test_a_mask_of_many_steps_that_share_values_takes_no_time(step: str) -> None:
    steps = "; ".join([step] * 60)
    for use in ("q @ k.mT + m", "(q @ k.mT) * m", "(q @ k.mT).masked_fill(flag, m)"):
        attentions(function(f"{steps}; s = {use}; s = s * m; s.softmax(-1) @ v"))


def test_a_loop_that_changes_the_scores_is_said() -> None:
    text = f"{HEAD}def attend(q, k, v, biases):\n    s = q @ k.mT\n    for b in biases:\n"
    (found,) = attentions(f"{text}        s += b\n    return s.softmax(-1) @ v\n")
    assert "a loop changes the scores" in found.obstacles


def test_attention_whose_result_is_put_into_a_list_is_found() -> None:
    text = f"{HEAD}def attend(q, k, v):\n    w = (q @ k.mT).softmax(-1)\n    out = [w @ v]\n"
    assert attentions(f"{text}    return out\n")
    (found,) = attentions(f"{text}    out.append(w)\n    return out\n")
    assert found.obstacles == ("the weights are used again",)


@pytest.mark.parametrize(
    "dropout", ["self.attention.dropout(w)", "self.attn.drop(w)", "other.attn_drop(input=w)"]
)
def test_the_dropout_of_another_module_is_not_seen_made(dropout: str) -> None:
    text = f"{HEAD}def attend(self, q, k, v, other):\n    w = (q @ k.mT).softmax(-1)\n"
    (found,) = attentions(f"{text}    attn = {dropout}\n    return attn @ v\n")
    (obstacle,) = found.obstacles
    assert obstacle.endswith("is not seen to be a dropout")


def test_what_happens_to_the_result_is_no_step_of_the_weights() -> None:
    # Weights of several values, one of whose results is turned by another product.
    body = (
        "w = (q @ k.mT).softmax(-1); n = torch.einsum('bij,bjdc->bidc', w, b); "
        "o = w @ v; n = torch.einsum('bndc,bncr->bndr', n - m, flag); o, n"
    )
    (found,) = attentions(function(body))
    said = "; ".join(found.obstacles)
    assert "`sub`" not in said
    assert "heads" not in said


def test_a_mask_of_the_shape_of_the_scores_asks_for_their_shape() -> None:
    result = written(
        "s = q @ k.mT; t = torch.ones_like(s).cumsum(-1); "
        "s = s.masked_fill(t == 0, -1e9); s.softmax(-1) @ v"
    )
    assert result == "the scores are asked for their shape"


def test_scores_that_a_small_net_mixes_with_others_are_seen() -> None:
    body = (
        "scores = torch.stack((q @ k.mT, m), dim=4).transpose(1, 2); "
        "scores = F.relu(torch.matmul(scores, self.one) + self.bias) @ self.two; "
        "scores = scores.transpose(1, 2).squeeze(4); scores.softmax(-1) @ v"
    )
    (found,) = attentions(function(body, "self, q, k, v, m"))
    assert "the scores are stacked with other ones" in found.obstacles


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("q, k, v = m.unbind(2); w = torch.softmax(q @ k.mT, dim=-1, dtype=v.dtype); w @ v", 0),
        ("k, v = m.unbind(2); w = torch.softmax(q @ k.mT, dim=-1, dtype=v.dtype); w @ v", 0),
        ("k, x = m.unbind(2); w = torch.softmax(q @ k.mT, dim=-1, dtype=v.dtype); w @ v", 1),
        ("w = torch.softmax(q @ k.mT, dim=-1, dtype=v.dtype); w @ v", 1),
    ],
)
def test_the_dtype_of_the_value_is_that_of_the_key_if_both_are_parts_of_one(
    body: str, count: int
) -> None:
    (found,) = attentions(function(body))
    assert len(found.obstacles) == count


@pytest.mark.parametrize(
    ("scale", "count"),
    [("torch.tensor(8**0.5, dtype=q.dtype)", 0), ("torch.tensor(x)", 2), ("m.exp()", 1)],
)
def test_a_scale_behind_a_mask_is_a_positive_number(scale: str, count: int) -> None:
    body = f"s = (q @ k.mT).masked_fill(m, -torch.inf) / {scale}; s.softmax(-1) @ v"
    (found,) = attentions(function(body))
    assert len(found.obstacles) == count


@pytest.mark.parametrize(
    ("mask", "blend", "count"),
    [
        ("torch.ones(5, 5).tril()", "s * n - 1e9 * (1 - n)", 0),
        ("(m > 0).float()", "s * n + (1 - n) * -1e9", 0),
        ("(m > 0).float()", "s * n + -1e9 * (1 - m)", 1),  # another mask
        ("(m > 0).float()", "s * n + 1e9 * (1 - n)", 1),  # the others are masked
        ("(m > 0).float()", "s * n - 1.0 * (1 - n)", 1),  # no low number
        ("m.tril()", "s * n - 1e9 * (1 - n)", 1),  # of any numbers
        ("m", "s * n - 1e9 * (1 - n)", 1),
    ],
)
def test_scores_that_are_blended_by_a_mask(mask: str, blend: str, count: int) -> None:
    (found,) = attentions(function(f"n = {mask}; s = q @ k.mT; s = {blend}; s.softmax(-1) @ v"))
    assert len(found.obstacles) == count
