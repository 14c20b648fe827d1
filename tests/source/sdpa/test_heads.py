"""Heads of key and value that are repeated: `enable_gqa`, where it is allowed and the same."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions

CALL = "F.scaled_dot_product_attention"
VIEWS = (
    "    b, n, c = q.shape\n"
    "    q = q.view(b, n, 8, 64).transpose(1, 2)\n"
    "    k = k.view(b, n, 2, 64).transpose(1, 2)\n"
    "    v = v.view(b, n, 2, 64).transpose(1, 2)\n"
)
REPEAT = (
    "def repeat_kv(x, n_rep):\n    b, h, s, d = x.shape\n    if n_rep == 1:\n        return x\n"
    "    x = x[:, :, None, :, :].expand(b, h, n_rep, s, d)\n"
    "    return x.reshape(b, h * n_rep, s, d)\n\n\n"
)


def written(keys: str, values: str, *, may_group: bool = True, before: str = "") -> str:
    """The call for an attention whose key and value are made so."""
    parameters = "q, k, v, n_rep, m, repeats, kv_lens"
    made = f"{VIEWS}    k = {keys}\n    v = {values}\n"
    text = f"{HEAD}{before}def f({parameters}):\n{made}"
    (found,) = attentions(
        f"{text}    w = (q @ k.transpose(-2, -1)).softmax(-1)\n    return w @ v\n"
    )
    replacement = found.replacement(may_group=may_group)
    assert replacement is not None
    assert replacement.edits
    return replacement.text


@pytest.mark.parametrize(
    ("keys", "values"),
    [
        ("k.repeat_interleave(n_rep, dim=1)", "v.repeat_interleave(n_rep, dim=-3)"),
        ("torch.repeat_interleave(k, 4, 1)", "torch.repeat_interleave(v, repeats=4, dim=1)"),
        ("repeat_kv(k, n_rep)", "repeat_kv(v, n_rep)"),
    ],
)
def test_the_call_repeats_them(keys: str, values: str) -> None:
    text = written(keys, values, before=REPEAT)
    assert text == f"{CALL}(q, k, v, enable_gqa=True, scale=1.0)"
    assert written(keys, values, may_group=False, before=REPEAT) == f"{CALL}(q, k, v, scale=1.0)"


@pytest.mark.parametrize(
    ("keys", "values"),
    [
        # other heads in another order, another number of them, another axis, one of both only
        ("k.repeat(1, n_rep, 1, 1)", "v.repeat(1, n_rep, 1, 1)"),
        ("k.repeat_interleave(4, dim=1)", "v.repeat_interleave(2, dim=1)"),
        ("k.repeat_interleave(n_rep, dim=2)", "v.repeat_interleave(n_rep, dim=2)"),
        ("k.repeat_interleave(n_rep, dim=1)", "v"),
        # how often each head is repeated
        ("k.repeat_interleave(m, dim=1)", "v.repeat_interleave(m, dim=1)"),
        ("k.repeat_interleave(repeats, dim=1)", "v.repeat_interleave(repeats, dim=1)"),
        ("k.repeat_interleave(kv_lens, dim=1)", "v.repeat_interleave(kv_lens, dim=1)"),
    ],
)
def test_others_stay_as_they_are(keys: str, values: str) -> None:
    assert "enable_gqa" not in written(keys, values)


def test_another_order_of_heads_is_not_taken_for_the_same() -> None:
    before = REPEAT.replace("[:, :, None, :, :]", "[:, None]").replace(
        "expand(b, h, n_rep, s, d)", "expand(b, n_rep, h, s, d)"
    )
    assert "enable_gqa" not in written("repeat_kv(k, n_rep)", "repeat_kv(v, n_rep)", before=before)
