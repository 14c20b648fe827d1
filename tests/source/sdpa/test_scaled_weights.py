"""Weights that a number scales behind the softmax: the call takes values that it scales."""

import pytest

from einlint.diagnostics import Edit
from tests.source.sdpa.functions import attentions, function, written

SOFTMAX = "w = (q @ k.mT).softmax(-1)"


@pytest.mark.parametrize(
    ("steps", "values"),
    [
        ("w = w / 3; w @ v", "v / 3"),
        ("w *= 0.5; torch.dropout(w, 0.0, False) @ v", "v * 0.5"),
        ("w = 2 * w / math.sqrt(q.size(-1)); w @ v", "(v * 2) / math.sqrt(q.size(-1))"),
        ("w = w * 8 if flag else w; w @ v", "v * (8 if flag else 1.0)"),
        (
            "w = w.mul(0.5); torch.einsum('bhqk,bkhd->bhqd', w, v)",
            "v.transpose(1, 2) * 0.5",
        ),
    ],
)
def test_the_values_are_scaled(steps: str, values: str) -> None:
    assert f"(q, k, {values}, " in written(f"{SOFTMAX}; {steps}")


@pytest.mark.parametrize("steps", ["w = w * m", "w = w * w.sum()", "w = w / q"])
def test_what_is_no_number_stands_in_the_way(steps: str) -> None:
    assert "the weights" in written(f"{SOFTMAX}; {steps}; w @ v")


def test_a_number_with_another_value_at_the_product_is_not_written() -> None:
    assert "scaled_dot" not in written(f"n = len(q); {SOFTMAX} / n; n = n + 1; w @ v")


@pytest.mark.parametrize(
    ("values", "is_same"),
    [("v / 3", True), ("v", False), ("v * 3", False), ("v / 2", False), ("v / 3 / 3", False)],
)
def test_other_values_are_refused(values: str, is_same: bool) -> None:
    text = function(f"{SOFTMAX} / 3; w @ v")
    (found,) = attentions(text)
    other = function(f"F.scaled_dot_product_attention(q, k, {values}, scale=1.0)")
    assert found.is_proved((Edit(0, len(text), other),)) is is_same
