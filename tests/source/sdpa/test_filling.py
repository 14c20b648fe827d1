"""Scores that are masked by an index, `scores[mask] = low`, and indices that are no mask."""

import pytest

from tests.source.sdpa.functions import attentions, function, written

CALL = "F.scaled_dot_product_attention(q, k, v, attn_mask=%s, scale=1.0)"


@pytest.mark.parametrize(
    ("index", "mask"),
    [
        ("m == 0", "m != 0"),
        ("m.bool()", "~m.bool()"),
        ("~m", "m"),
        ("m.expand_as(s) < 2", "~(m < 2)"),  # broadcasting expands it
        ("(m < 2).expand_as(s)", "~(m < 2)"),
    ],
)
def test_a_boolean_index_masks(index: str, mask: str) -> None:
    result = written(f"s = q @ k.mT; s[{index}] = -math.inf; s.softmax(-1) @ v")
    assert result == CALL % mask


@pytest.mark.parametrize("name", ["mask", "key_padding_mask", "pad_mask.expand_as(s)"])
def test_what_is_called_a_mask_is_taken_for_one(name: str) -> None:
    base = name.partition(".")[0]
    text = function(f"s = q @ k.mT; s[{name}] = -1e9; s.softmax(-1) @ v", f"q, k, v, {base}")
    (found,) = attentions(text)
    replacement = found.replacement()
    assert replacement is not None
    assert replacement.text == CALL % f"~{base}"
    assert found.parts.is_indexed is (base == name)


@pytest.mark.parametrize(
    "change",
    [
        "s[m] = -1e9",  # may be the numbers of rows
        "s[m.nonzero()] = -1e9",
        "s[0] = -1e9",
        "s[:, m == 0] = -1e9",  # picks columns
        "s[..., 1:] = -1e9",
        "s[m == 0] = 1.0",
        "s[m == 0] = b",
        "s[m == 0] += -1e9",
        "s[m == 0] = b[0] = -1e9",
        "s[(m == 0).expand_as(q)] = -1e9",
    ],
)
def test_another_index_sets_parts(change: str) -> None:
    assert "parts of the scores are set" in written(f"s = q @ k.mT; {change}; s.softmax(-1) @ v")


def test_an_index_of_fewer_axes_begins_at_the_left() -> None:
    text = "q.view(2, 3, 5, 4); n = m.view(2, 3) == 0; s = torch.einsum('bhid,bhjd->bhij', q, k); "
    result = written(text + "s[n] = -1e9; torch.einsum('bhij,bhjd->bhid', s.softmax(-1), v)")
    assert result == "a mask picks whole rows of the scores"


def test_scores_that_are_seen_by_another_name_are_no_attention_alone() -> None:
    result = written("s = q @ k.mT; t = s; s[m == 0] = -1e9; w = s.softmax(-1) @ v; w, t.sum()")
    assert "scores are returned" in result
    result = written("s = q @ k.mT; t = s.mT; s[m == 0] = -1e9; w = s.softmax(-1) @ v; w, t")
    assert "returned" in result or "used again" in result


def test_scores_that_a_branch_takes_from_elsewhere_are_changed_there() -> None:
    body = "s = q @ k.mT if flag else b; s[m == 0] = -1e9; s.softmax(-1) @ v"
    assert "parts of the scores are set" in written(body)
