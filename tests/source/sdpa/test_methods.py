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


MASKED = """def masked_softmax(s, m):
    if m is not None:
        s = s.masked_fill(m, -1e6)
    return s.softmax(-1)
"""


@pytest.mark.parametrize("weights", ["self.w", "self.drop(self.w)"])
def test_weights_of_a_function_that_masks_that_an_attribute_keeps_are_found(weights: str) -> None:
    kept = text("return q @ k.mT").replace("w = self.scores(q, k, m).softmax(-1)", "{}")
    kept = kept.replace("{}", "self.w = masked_softmax(q @ k.mT, m)")
    (found,) = attentions(MASKED + kept.replace("return w @ v", f"return {weights} @ v"))
    assert "`masked_softmax` is another softmax than torch's" in found.obstacles
    assert "the weights are kept in an attribute" in found.obstacles


@pytest.mark.parametrize(
    ("body", "count", "is_fixed"),
    [
        ("return F.softmax(s, dim=-1)", 1, True),
        ("return F.softmax(s.float(), dim=-1) * s", 1, False),
        ("return F.softmax(s.mul_(2), dim=-1)", 1, False),
        ("return F.softmax(s, dim=-2)", 0, False),
        ("return F.softmax(s, dim=-1).sum()", 0, False),
    ],
)
def test_a_function_of_one_expression_that_takes_the_softmax(
    body: str, count: int, is_fixed: bool
) -> None:
    """The class that calls it has no softmax."""
    kept = text("return q @ k.mT").replace("self.scores(q, k, m).softmax(-1)", "normed(q @ k.mT)")
    found = attentions(f"{kept}\n\ndef normed(s):\n    {body}\n")
    assert len(found) == count
    for each in found:
        replacement = None if each.obstacles else each.replacement()
        assert (replacement is not None and bool(replacement.edits)) is is_fixed


def test_methods_that_call_methods_take_no_time() -> None:
    calls = "".join(f"        x{each} = self.part(q, k)\n" for each in range(2000))
    part = "    def part(self, q, k):\n" + "        q = q @ k.mT\n" * 500 + "        return q\n"
    kept = text("return q @ k.mT").replace("        return w", f"{calls}        return w", 1)
    assert len(attentions(kept + part)) == 1
