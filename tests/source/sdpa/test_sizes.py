"""Lengths that are asked of the scores: query and key have them, and the scores may go."""

import pytest

from tests.source.sdpa.functions import behind_fix, function

MASKED = "i, j = s.shape[-2:]; s = s + b[:i, :j]; s.softmax(-1) @ v"


@pytest.mark.parametrize(
    ("scores", "text"),
    [
        ("s = q @ k.mT", "i, j = q.shape[-2], k.shape[-2]"),
        ("s = q @ k", "i, j = q.shape[-2], k.shape[-1]"),
        ("s = q @ k.transpose(-2, -1) * 0.3", "i, j = q.shape[-2], k.shape[-2]"),
        ("s = torch.einsum('bid,bjd->bij', q, k) / 8", "i, j = q.shape[-2], k.shape[-2]"),
        ("s = torch.bmm(q, k.permute(0, 2, 1))", "i, j = q.shape[-2], k.shape[-2]"),
    ],
)
def test_query_and_key_are_asked(scores: str, text: str) -> None:
    fixed = behind_fix(function(f"{scores}; {MASKED}"))
    assert f"    {text}\n" in fixed
    assert "s.shape" not in fixed


@pytest.mark.parametrize(
    "body",
    [
        "s = q @ k.mT; i, j = s.shape[:2]; s = s + b[:i, :j]; s.softmax(-1) @ v",  # other axes
        "s = q @ k.mT; n = s.shape; s = s + b[: n[0]]; s.softmax(-1) @ v",
        "s = (q + b) @ k.mT; n = s.size(-2); s = s + b[:n]; s.softmax(-1) @ v",  # has no name
    ],
)
def test_other_lengths_stand_in_the_way(body: str) -> None:
    assert behind_fix(function(body)) == "the scores are asked for their shape"


def test_a_name_that_is_bound_anew_is_not_asked() -> None:
    body = "s = q @ k.mT; k = m; n = s.size(-1); s = s + b[:n]; s.softmax(-1) @ v"
    assert "scaled_dot_product_attention" not in behind_fix(function(body))


@pytest.mark.parametrize(
    "body",
    [
        "s = q @ k.mT; s.softmax(-1) @ v * s.size(-1)",
        "s = q @ k.mT; (s + b[: s.size(-1)]).softmax(-1) @ v",
        "s = q @ k.mT; (i, j), n = s.shape[-2:], 3; s = s + b[:i, :j]; s.softmax(-1) @ v",
        "s = q @ k.mT; a = i, j = s.shape[-2:]; s = s + b[:i, :j]; s.softmax(-1) @ v, a",
    ],
)
def test_lengths_in_other_places_are_left_or_written_right(body: str) -> None:
    text = behind_fix(function(body))
    if "scaled_dot_product_attention(" in text:
        compile(text, "a.py", "exec")
        assert "s.s" not in text.partition("def attend")[2]
