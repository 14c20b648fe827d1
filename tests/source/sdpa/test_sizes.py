"""Lengths that are asked of the scores: query and key have them, and the scores may go."""

import pytest

from tests.source.sdpa.functions import HEAD, behind_fix, function

MASKED = "i, j = s.shape[-2:]; s = s + b[:i, :j]; s.softmax(-1) @ v"


@pytest.mark.parametrize(
    ("scores", "text"),
    [
        ("s = q @ k.mT", "i, j = q.shape[-2], k.shape[-2]"),
        ("s = q @ k", "i, j = q.shape[-2], k.shape[-1]"),
        ("s = q @ k.transpose(-2, -1) * 0.3", "i, j = q.shape[-2], k.shape[-2]"),
        ("s = torch.einsum('bid,bjd->bij', q, k) / 8", "i, j = q.shape[-2], k.shape[-2]"),
        ("s = torch.bmm(q, k.permute(0, 2, 1))", "i, j = q.shape[-2], k.shape[-2]"),
        # one call takes no mask that is longer than the scores, and no such scale
        ("s = q @ k.mT + m; s = s.masked_fill(b > 0, -1e9)", "i, j = q.shape[-2], k.shape[-2]"),
        ("s = q @ k.mT; s = s - m if flag else s", "i, j = q.shape[-2], k.shape[-2]"),
        ("s = q @ k.mT; s.masked_fill_(m == 0, -1e9)", "i, j = q.shape[-2], k.shape[-2]"),
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


FOUR = "q = q.view(3, 4, 5, 6); k = k.view(3, 4, 5, 6); s = q @ k.mT"


@pytest.mark.parametrize(
    ("made", "asked", "text"),
    [
        (FOUR, "s.shape[0]", "q.shape[0]"),
        (FOUR, "s.size(-3)", "q.shape[1]"),
        (FOUR, "s.size(3)", "k.shape[-2]"),
        ("n = m.size(0); q = q.view(n, -1, 5, 6).transpose(1, 2); k = k.reshape(n, -1, 5, 6)"
         ".transpose(1, 2); s = q @ k.mT", "s.size(1)", "q.shape[1]"),
        ("q = q.view(3, 5, 4, 6); k = k.view(3, 5, 4, 6); "
         "s = torch.einsum('bthd,bshd->bhts', q, k)", "s.size(1)", "q.shape[2]"),
    ],
)  # fmt: skip
def test_the_query_is_asked_for_a_length_that_both_have(made: str, asked: str, text: str) -> None:
    value = "torch.einsum('bhts,bshd->bthd', s.softmax(-1), v)" if "einsum" in made else ""
    value = value or "s.softmax(-1) @ v"
    fixed = behind_fix(function(f"{made}; n = {asked}; s = s + b[:n]; {value}"))
    assert f"    n = {text}\n" in fixed


@pytest.mark.parametrize(
    "made",
    [
        "s = q @ k.mT",
        "q = q.view(3, 4, 5, 6); s = q @ k.mT",
        "q = q.view(3, 4, 5, 6); k = k.view(1, 4, 5, 6); s = q @ k.mT",
        "q = q.view(3, 4, 5, 6); k = k.view(4, 5, 6); s = q @ k.mT",
        "q = q.view(-1, 4, 5, 6); k = k.view(-1, 4, 5, 6); s = q @ k.mT",
        "q = q.view(3, 4, *m); k = k.view(3, 4, *m); s = q @ k.mT",
    ],
)
def test_a_length_that_may_be_another_one_stands_in_the_way(made: str) -> None:
    text = function(f"{made}; n = s.shape[0]; s = s + b[:n]; s.softmax(-1) @ v")
    assert behind_fix(text) == "the scores are asked for their shape"


@pytest.mark.parametrize("asked", ["o.shape[-2]", "o.size(2)", "o.shape[2]"])
def test_the_length_of_the_result_is_left(asked: str) -> None:
    body = (
        "o = torch.einsum('bhij,bhjd->bhid', F.dropout((q @ k.mT).softmax(-1), 0.1), v); "
        f"n = {asked}; o.transpose(1, 2).reshape(2, n, 12)"
    )
    assert f"n = {asked}" in behind_fix(function(body))


def test_a_length_of_the_module_itself_is_no_crash() -> None:
    text = (
        f"{HEAD}class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.scale = 0.5\n    def forward(self, q, k, v):\n        n = self.shape[-1]\n"
        "        return (q @ k.mT * self.scale).softmax(-1) @ v / n\n"
    )
    assert "F.scaled_dot_product_attention(q, k, v, scale=self.scale) / n" in behind_fix(text)
