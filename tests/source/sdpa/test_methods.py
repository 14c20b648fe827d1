"""Attention of which another method computes a part: it is found, and its call is not written."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions


def text(method: str) -> str:
    """A module whose `scores` are this; M stands for the mask."""
    return f"""{HEAD}
class Attention(nn.Module):
    def forward(self, q, k, v, m=None):
        w = self.scores(q, k, m).softmax(-1)
        return w @ v
    def scores(self, q, k, m):
        {method}
"""


@pytest.mark.parametrize(
    "method",
    [
        "return q @ k.mT",
        '"""The scores."""\n        s = q @ k.mT / 8\n        return s if m is None else s + m',
        "s = q @ k.mT\n        if m is not None:\n            s = s + m\n        return s",
        "if m is None:\n            return q @ k.mT\n        return q @ k.mT + m",
    ],
)
def test_a_method_that_computes_the_scores(method: str) -> None:
    (found,) = attentions(text(method))
    assert found.obstacles[-1] == "another method computes a part of it"


@pytest.mark.parametrize(
    "method",
    [
        "self.last = q\n        return q @ k.mT",
        "q.mul_(2)\n        return q @ k.mT",
        "yield q @ k.mT",
    ],
)
def test_a_method_that_does_something_else_is_not_looked_into(method: str) -> None:
    assert attentions(text(method)) == []


def test_a_method_that_a_derived_class_replaces_is_not_looked_into() -> None:
    heir = "class Heir(Attention):\n    def scores(self, q, k, m):\n        return q + k\n"
    assert attentions(text("return q @ k.mT") + heir) == []


def test_weights_that_an_attribute_keeps_are_found() -> None:
    kept = text("return q @ k.mT").replace("w = self.scores(q, k, m)", "self.w = (q @ k.mT)")
    (found,) = attentions(kept.replace("return w @ v", "return self.w @ v"))
    assert found.obstacles[0] == "the weights are kept in an attribute"


def test_methods_that_call_methods_take_no_time() -> None:
    calls = "".join(f"        x{each} = self.part(q, k)\n" for each in range(2000))
    part = "    def part(self, q, k):\n" + "        q = q @ k.mT\n" * 500 + "        return q\n"
    kept = text("return q @ k.mT").replace("        return w", f"{calls}        return w", 1)
    assert len(attentions(kept + part)) == 1
