"""Scores that a function of the file computes: there is no place where they are."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions

SCORES = "def scores(q, k):\n    return q @ k.mT\n\n"
OPTIONAL = (
    "if m is not None:\n        s = s.masked_fill(m, -1e9)\n"
    "    if b is not None:\n        s = s + b\n"
    "    if n is not None:\n        s = s.masked_fill(n, -1e9)"
)


@pytest.mark.parametrize("product", ["scores(q, k)", "scores(q * 0.5, k)"])
@pytest.mark.parametrize(
    "steps",
    [
        OPTIONAL,
        "s = s.view(1, 2, 3, 5, 5) + m\n    s = s.view(2, 3, 5, 5)",
        "a, c = s.shape[-2:]\n    s = s.masked_fill(torch.ones(a, c).triu(1).bool(), -1e9)",
        "c = torch.ones_like(s).triu(1)\n    s = s.masked_fill(c == 1, -1e9)",
        "s = s.masked_fill(m.expand_as(s), torch.finfo(s.dtype).min)",
    ],
)
def test_steps_that_ask_for_the_place_of_the_scores(product: str, steps: str) -> None:
    head = f"{HEAD}{SCORES}def attend(q, k, v, m=None, b=None, n=None):\n"
    text = f"{head}    s = {product}\n    {steps}\n    return s.softmax(-1) @ v\n"
    (found,) = attentions(text)
    replacement = None if found.obstacles else found.replacement()
    assert replacement is None or replacement.edits or replacement.obstacle
