"""Masks that are built where the scores were masked, and branches that compute the same scores."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from einlint.diagnostics import Edit
from tests.source.sdpa.functions import HEAD, attentions, behind_fix, function

if TYPE_CHECKING:
    import torch

OPTIONAL = (
    "s = torch.einsum('bhid,bhjd->bhij', q, k)\n"
    "    if b is not None:\n        s = s + b\n"
    "    low = -torch.finfo(s.dtype).max\n"
    "    if m is not None:\n        m = m[:, None, None, :]\n        s.masked_fill_(~m, low)\n"
    "    if flag:\n"
    "        i, j = s.shape[-2:]\n"
    "        c = torch.ones(i, j, device=q.device).triu_(j - i + 1).bool()\n"
    "        s = torch.where(c, low, s)\n"
    "    w = s.softmax(-1); torch.einsum('bhij,bhjd->bhid', w, v)"
)
BUILT = """    attn_mask = q.new_zeros(q.shape[-2], k.shape[-2])
    if b is not None:
        attn_mask = attn_mask + b
    low = -torch.finfo(q.dtype).max
    if m is not None:
        m = m[:, None, None, :]
        attn_mask = attn_mask.masked_fill(~m, low)
    if flag:
        i, j = q.shape[-2], k.shape[-2]
        c = torch.ones(i, j, device=q.device).triu_(j - i + 1).bool()
        attn_mask = torch.where(c, low, attn_mask)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=attn_mask, scale=1.0)
"""
PRECISION = (
    "if flag == 'fp32':\n"
    "        with torch.autocast(enabled=False, device_type='cuda'):\n"
    "            q, k = q.float(), k.float()\n"
    "            s = torch.einsum('bhid,bhjd->bhij', q, k) * 0.125\n"
    "    else:\n"
    "        s = torch.einsum('bhid,bhjd->bhij', q, k) * 0.125\n"
    "    del q, k\n"
    "    if m is not None:\n"
    "        low = -torch.finfo(s.dtype).max\n"
    "        m = m[:, None]\n"
    "        s.masked_fill_(~m, low)\n"
    "    s = s.softmax(dim=-1); torch.einsum('bhij,bhjd->bhid', s, v)"
)


def body(text: str) -> str:
    return text.split("=None, flag=False):\n")[1]


def test_three_optional_masks_of_two_kinds_are_built_step_by_step() -> None:
    assert body(behind_fix(function(OPTIONAL))) == BUILT


def test_a_mask_in_one_expression_stays_one() -> None:
    lines = "s = q @ k.mT; s = s + b; s.softmax(-1) @ v"
    assert "attn_mask=b," in behind_fix(function(lines))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("attn_mask + b", "attn_mask - b"),
        ("attn_mask + b", "attn_mask"),
        ("attn_mask.masked_fill(~m, low)", "attn_mask.masked_fill(m, low)"),
        ("attn_mask.masked_fill(~m, low)", "attn_mask.masked_fill(~m, 0.0)"),
        ("torch.where(c, low, attn_mask)", "torch.where(c, attn_mask, low)"),
        ("triu_(j - i + 1)", "triu_(j - i)"),
        ("if flag:", "if not flag:"),
        ("q.new_zeros", "q.new_ones"),
        ("q.new_zeros", "v.new_zeros"),
        ("k.shape[-2])\n    if b", "q.shape[-2])\n    if b"),
        ("scale=1.0", "scale=2.0"),
        ("(q, k, v, a", "(k, q, v, a"),
        ("    if m is not None:\n", "    attn_mask = attn_mask + b\n    if m is not None:\n"),
    ],
)
def test_what_else_may_be_built_is_not_proved(old: str, new: str) -> None:
    text = function(OPTIONAL)
    (found,) = attentions(text)
    built = behind_fix(text)
    assert found.is_proved((Edit(0, len(text), built),))
    assert old in built
    assert not found.is_proved((Edit(0, len(text), built.replace(old, new, 1)),))


@pytest.mark.parametrize(
    "lines",
    [
        # the scores are scaled behind a bias, seen, or masked by what is made of them
        OPTIONAL.replace("w = s.softmax", "s = s / 8; w = s.softmax"),
        OPTIONAL.replace("    w = s", "    print(s)\n    w = s"),
        OPTIONAL.replace("~m, low", "~m & (s > 0), low"),
        OPTIONAL.replace("s = torch.where(c, low, s)", "s = torch.where(c, low, s + s.mean())"),
    ],
)
def test_what_cannot_be_built(lines: str) -> None:
    (found,) = attentions(function(lines))
    replacement = None if found.obstacles else found.replacement()
    assert replacement is None or not replacement.edits


def test_a_branch_that_casts_query_and_key_computes_the_same_scores() -> None:
    assert body(behind_fix(function(PRECISION))) == (
        "    if m is not None:\n        m = m[:, None]\n"
        "    return F.scaled_dot_product_attention(q, k, v, attn_mask=m, scale=0.125)\n"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("* 0.125\n    else", "* 0.25\n    else"),
        ("k) * 0.125\n    else", "k).abs() * 0.125\n    else"),
        ("q.float(), k.float()", "q.float(), v.float()"),
        ("q.float(), k.float()", "q.float(), k.half()"),
        (
            "'bhid,bhjd->bhij', q, k) * 0.125\n    else",
            "'bhid,bhjd->bhji', q, k) * 0.125\n    else",
        ),
        ("q.float(), k.float()", "q.float(), print(k)"),
    ],
)
def test_a_branch_that_computes_others(old: str, new: str) -> None:
    assert old in PRECISION
    (found,) = attentions(function(PRECISION.replace(old, new, 1)))
    assert found.obstacles


def test_a_branch_that_masks_what_both_compute() -> None:
    lines = (
        "if m is None:\n        w = torch.softmax(q @ k.transpose(-2, -1) / 8, dim=-1)\n"
        "    else:\n        w = torch.softmax(q @ k.transpose(-2, -1) / 8 + m, dim=-1); w @ v"
    )
    assert "(q, k, v, attn_mask=m, scale=1 / 8)" in behind_fix(function(lines))
    other = behind_fix(function(lines.replace("/ 8 + m", "/ 4 + m")))
    assert "scale=1 / (8 if m is None else 1.0) / (4 if not (m is None) else 1.0)" in other


def test_what_both_branches_scale_by_is_written_once() -> None:
    lines = (
        "if flag:\n        s = (q @ k.mT + b) * 0.5\n"
        "    else:\n        s = (q @ k.mT) * 0.5 + b; s.softmax(-1) @ v"
    )
    fixed = behind_fix(function(lines))
    assert "attn_mask=b * 0.5 if flag else b," in fixed
    assert "scale=0.5," in fixed
    other = behind_fix(function(lines.replace("0.5 + b", "0.3 + b")))
    assert "scale=(0.5 if flag else 1.0) * (0.3 if not (flag) else 1.0)," in other


def test_a_bias_that_is_scaled_where_it_may_not_be_there() -> None:
    lines = "s = q @ k.mT + b\n    if flag:\n        s = s * 2; s.softmax(-1) @ v"
    (found,) = attentions(function(lines))
    assert found.obstacles == ("the scores are scaled in one branch only",)


def test_a_mask_that_is_asked_whether_it_is_boolean() -> None:
    lines = (
        "s = q @ k.mT\n    if m.dtype == torch.bool:\n        s.masked_fill_(m, -1e9)\n"
        "    else:\n        s += m.to(torch.bool)\n    s.softmax(-1) @ v"
    )
    plain = lines.replace("m.to(torch.bool)", "m").replace("    s.softmax", "; s.softmax")
    assert "attn_mask=~m if m.dtype == torch.bool else m" in behind_fix(function(plain))
    (found,) = attentions(function(lines.replace("    s.softmax", "; s.softmax")))
    assert found.obstacles == ("a boolean mask is added to the scores",)


POSITIONS = f"""{HEAD}
def relative(n, table):
    return table[torch.arange(n)[:, None] - torch.arange(n)[None] + n - 1]

def add_positions(scores, q, table, size):
    'What each query adds for the way to each key.'
    rows, columns = size
    B, _, dim = q.shape
    added = torch.einsum("bnc,nmc->bnm", q, relative(rows * columns, table))
    scores = (
        scores.view(B, rows, columns, rows, columns) + added.view(B, rows, columns, rows, columns)
    ).view(B, rows * columns, rows * columns)
    return scores

def attend(x, table, size, flag):
    q, k, v = x.reshape(3, 4, 6, 8).unbind(0)
    s = (q * 0.3) @ k.transpose(-2, -1)
    if flag:
        s = add_positions(s, q, table, size)
    s = s.softmax(dim=-1)
    return s @ v
"""


def ran(text: str, *, flag: bool) -> list["torch.Tensor"]:
    torch = pytest.importorskip("torch")
    names: dict[str, object] = {}
    exec(compile(text, "a.py", "exec"), names)
    attend = names["attend"]
    assert isinstance(attend, Callable)
    draw = torch.Generator().manual_seed(1)
    x, table = (
        torch.randn(size, generator=draw, dtype=torch.float64, requires_grad=True)
        for size in ((3, 4, 6, 8), (11, 8))
    )
    result = attend(x, table, (2, 3), flag)
    result.square().sum().backward()
    return [each for each in (result.detach(), x.grad, table.grad) if each is not None]


def test_what_a_function_adds_to_the_scores_it_adds_to_zeros() -> None:
    torch = pytest.importorskip("torch")
    fixed = behind_fix(POSITIONS)
    assert "attn_mask = q.new_zeros(q.shape[-3], q.shape[-2], k.shape[-2])\n" in fixed
    assert "attn_mask = add_positions(attn_mask, q, table, size)\n" in fixed
    for flag in (True, False):
        pairs = zip(ran(POSITIONS, flag=flag), ran(fixed, flag=flag), strict=True)
        assert all(torch.allclose(*pair) for pair in pairs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    return scores\n", "    return scores * 2\n"),
        ("    return scores\n", "    return scores.softmax(-1)\n"),
        ("    return scores\n", "    return scores.transpose(1, 2)\n"),
        ("    return scores\n", "    scores = scores.clamp(max=9)\n    return scores\n"),
        ("    return scores\n", "    print(scores)\n    return scores\n"),
        ("    return scores\n", "    if size:\n        return scores\n    return q\n"),
        ("    B, _, dim", "    rows = scores.max()\n    B, _, dim"),
        ("    return scores\n", "    return scores + scores.mean()\n"),
        ("def add_positions", "@torch.no_grad()\ndef add_positions"),
        ("add_positions(s, q,", "add_positions(s, s,"),
        ("add_positions(s, q, table, size)", "add_positions(*[s, q], table, size)"),
    ],
)
def test_a_function_that_does_more_than_to_add(old: str, new: str) -> None:
    assert old in POSITIONS
    (found,) = attentions(POSITIONS.replace(old, new))
    assert found.obstacles


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(attn_mask, q, table", "(attn_mask, k, table"),
        ("add_positions(attn_mask, q", "add_other(attn_mask, q"),
        ("q.shape[-3], q", "k.shape[-3], q"),
        ("q.new_zeros", "q.new_ones"),
    ],
)
def test_what_else_a_function_may_be_given_is_not_proved(old: str, new: str) -> None:
    (found,) = attentions(POSITIONS)
    built = behind_fix(POSITIONS)
    assert old in built
    assert found.is_proved((Edit(0, len(POSITIONS), built),))
    assert not found.is_proved((Edit(0, len(POSITIONS), built.replace(old, new, 1)),))


@pytest.mark.parametrize("test", ["if flag:\n        ", ""])
def test_values_that_are_not_cast_with_query_and_key(test: str) -> None:
    lines = f"{test}q, k = q.float(), k.float(); s = q @ k.mT; s.softmax(-1).to(v.dtype) @ v"
    (found,) = attentions(function(lines))
    assert found.obstacles == ("query and key are cast to float32, and the values are not",)


@pytest.mark.parametrize(
    ("cast", "low", "is_fixed"),
    [
        ("(q @ k.mT).float()", "-1e9", False),  # `masked_fill` raises in float16
        ("(q @ k.mT).float()", "torch.finfo(torch.float32).min", False),
        ("(q @ k.mT).float()", "torch.finfo(s.dtype).min", True),
        ("(q @ k.mT).float()", "-1e4", True),
        ("(q @ k.mT).float()", "float('-inf')", True),
        ("q @ k.mT", "-1e9", True),
    ],
)
def test_a_number_that_scores_in_float32_hold_and_a_mask_in_float16_does_not(
    cast: str, low: str, *, is_fixed: bool
) -> None:
    text = function(
        f"s = {cast}\n    if m is not None:\n        s = s.masked_fill(m, {low})\n"
        "    if b is not None:\n        s = s + b\n"
        f"    if flag:\n        s = s.masked_fill(n, {low})\n"
        "    w = s.softmax(-1).to(v.dtype); w @ v",
        "q, k, v, m=None, b=None, n=None, flag=False",
    )
    assert ("attn_mask.masked_fill" in behind_fix(text)) is is_fixed
