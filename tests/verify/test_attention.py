"""One call against an attention written by hand: what is wrong is found, and nothing else."""

from dataclasses import replace

import pytest
import torch

from einlint.diagnostics import Edit, Fix
from einlint.linting.pairing import Pair, UnpairableError, pair_about
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.file import in_memory
from einlint.source.finder import parse_file
from einlint.verify.running.attention import compare_attention, find_fault
from einlint.verify.running.pair_operands import ComparisonInputs, operands_of
from einlint.verify.running.tensors import shapes_of

CPU = torch.device("cpu")
FIX = Fix("", (Edit(0, 0, ""),))
SIZES = {"b": 2, "h": 3, "n": 16, "m": 20, "d": 8, "e": 4}
CALL = "torch.nn.functional.scaled_dot_product_attention"
MASKED = """
def attention(q, k, v, mask):
    scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / 4.0
    scores = scores.masked_fill(mask, float("-inf"))
    return torch.einsum("bhqk,bkhd->bqhd", scores.softmax(-1), v)
"""
BIASED = """
def attention(q, k, v, bias):
    return (0.5 * q @ k.transpose(-2, -1) + bias).softmax(-1) @ v
"""
TRIANGLE = """
def attention(x):
    b, t, c = x.shape
    q, k, v = x.view(b, t, 3, 4, 16).permute(2, 0, 3, 1, 4)
    s = q @ k.transpose(-2, -1) * 0.25 + torch.full((t, t), -torch.inf).triu(1)
    return s.softmax(-1) @ v
"""
OPTIONAL = """
def attention(q, k, v, m=None, b=None, flag=False):
    s = q @ k.transpose(-2, -1) * 0.25
    if b is not None:
        s = s + b
    if m is not None:
        s = s.masked_fill(m, -torch.inf)
    if flag:
        s = s.masked_fill(torch.ones(s.shape[-2:]).triu(1).bool(), -torch.inf)
    return s.softmax(-1) @ v
"""


def pair_in(function: str) -> Pair:
    source = f"import torch\nimport torch.nn.functional as F\n{function}"
    (fact,) = parse_file(in_memory("a.py", source)).facts(HandWrittenAttention)
    return pair_about(fact, FIX)


@pytest.mark.parametrize("function", [MASKED, BIASED, TRIANGLE, OPTIONAL])
def test_the_call_of_the_fix_is_right(function: str) -> None:
    pair = pair_in(function)
    assert find_fault(pair, pair.readings[0]) is None


@pytest.mark.parametrize(
    ("function", "old", "new"),
    [
        (MASKED, "~mask", "mask"),
        (MASKED, "attn_mask=~mask, ", ""),
        (MASKED, "1 / 4.0", "4.0"),
        (MASKED, ", scale=1 / 4.0", ""),
        (MASKED, "k.transpose(1, 2), v.transpose(1, 2)", "v.transpose(1, 2), k.transpose(1, 2)"),
        (MASKED, ").transpose(1, 2)", ")"),
        (MASKED, "attn_mask=~mask", "is_causal=True"),
        (BIASED, "attn_mask=mask", "attn_mask=-mask"),
        (BIASED, "q, k, v", "k, q, v"),
        (BIASED, "q, k, v", "q.detach(), k, v"),
        (BIASED, "attn_mask=mask", "attn_mask=mask, dropout_p=0.5"),
    ],
)
def test_a_wrong_call_is_found(function: str, old: str, new: str) -> None:
    pair = pair_in(function)
    right = pair.readings[0]
    start = right.rindex(old)
    wrong = right[:start] + new + right[start + len(old) :]
    assert find_fault(pair, wrong) is not None
    inputs = ComparisonInputs(shapes_of(pair.equation, SIZES), torch.float32, CPU, CPU)
    assert compare_attention(pair, wrong, inputs).fault is not None
    assert compare_attention(pair, right, inputs).fault is None


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_rounding_is_no_fault(dtype: torch.dtype) -> None:
    """Of long texts one head is computed in float64."""
    for function in (MASKED, BIASED):
        pair = pair_in(function)
        sizes = {"b": 1, "h": 8, "n": 256, "m": 256, "d": 64, "e": 64}
        inputs = ComparisonInputs(shapes_of(pair.equation, sizes), dtype, CPU, CPU)
        found = compare_attention(pair, pair.readings[0], inputs)
        assert found.fault is None
        assert found.same_dtype
        assert found.same_shape
        assert found.error_replacement is not None


def test_a_softmax_in_float32_is_compared_with_one_in_float64() -> None:
    text = "    s = (q @ k.mT).float().softmax(-1).to(v.dtype)\n    return s @ v\n"
    pair = pair_in(f"\ndef attention(q, k, v):\n{text}")
    assert pair.attention is not None
    assert "float" in pair.original
    assert "float" not in pair.attention.exact
    assert find_fault(pair, pair.readings[0]) is None


@pytest.mark.parametrize("function", [MASKED, MASKED.replace("(mask,", "(~mask,")])
def test_a_mask_leaves_a_key_to_every_query_and_has_no_gradient(function: str) -> None:
    pair = pair_in(function)
    *_, mask = operands_of(pair, shapes_of(pair.equation, SIZES), torch.float32, CPU)
    assert mask.dtype is torch.bool
    kept = mask if "(~mask" in pair.original else ~mask
    assert kept.any(-1).all()
    assert not kept.all()


def test_attentions_that_differ_in_a_mask_are_two() -> None:
    pair = pair_in(BIASED)
    assert pair == pair_in(BIASED)
    assert pair != replace(pair, readings=(f"{CALL}(q, k, v)",))


def test_an_attention_that_one_call_cannot_compute_is_no_pair() -> None:
    with pytest.raises(UnpairableError, match="one by one"):
        pair_in("\ndef f(q, k, v):\n    w = (q @ k.mT).softmax(-1)\n    return w @ v, w\n")
