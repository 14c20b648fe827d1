"""Tests that are conditions themselves, signs of functions of math, and numbers by default."""

import ast

import pytest

from tests.source.sdpa.functions import behind_fix, function, written


@pytest.mark.parametrize("test", ["b if flag else 0", "lambda: flag"])
def test_a_condition_that_is_asked_in_a_condition(test: str) -> None:
    body = f"s = q @ k.mT\n    if {test}:\n        s = s.masked_fill(~m, -1e9)\n"
    body += "    else:\n        n = 3\n    w = s.softmax(-1); w @ v"
    text = behind_fix(function(body, "q, k, v, m, b, flag"))
    assert "scaled_dot_product_attention" in text
    ast.parse(text)


@pytest.mark.parametrize(
    ("scale", "text"),
    [
        ("math.log(0.5)", "the scores are scaled behind the mask"),
        ("math.cos(3)", "the scores are scaled behind the mask"),
        ("math.log(k.shape[-2])", "scale=math.log(k.shape[-2])"),
        ("math.sqrt(k.shape[-1])", "scale=math.sqrt(k.shape[-1])"),
    ],
)
def test_a_function_of_math_that_may_be_negative(scale: str, text: str) -> None:
    assert text in written(f"s = (q @ k.mT).masked_fill(m, -1e9) * {scale}; s.softmax(-1) @ v")


def test_two_functions_of_math_are_not_one() -> None:
    body = "s = q @ k.mT\n    if flag:\n        s = s / math.sqrt(b)\n"
    body += "    else:\n        s = s / math.{}(b)\n"
    text = behind_fix(function(body.format("log") + "    w = s.softmax(-1);w @ v"))
    assert "math.sqrt(b) if flag" in text
    assert "math.log(b) if not" in text
    text = behind_fix(function(body.format("sqrt") + "    w = s.softmax(-1);w @ v"))
    assert "scale=1 / math.sqrt(b))" in text


def test_what_is_a_number_by_default_is_added_to_a_mask() -> None:
    text = behind_fix(function("s = q @ k.mT - p; s.softmax(-1) @ v", "q, k, v, p=1.0"))
    assert "attn_mask = attn_mask - p" in text
