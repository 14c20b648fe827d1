"""What asks scores for their number of axes, or for all of their lengths, asks query and key."""

import pytest

from tests.source.sdpa.functions import HEAD, behind_fix

FOUR = ("q = q.view(3, 4, 5, 6)", "k = k.view(3, 4, 5, 6)", "s = q @ k.mT")
LABELLED = ("s = torch.einsum('bhid,bhjd->bhij', q, k)",)
SHARED = ("s = torch.einsum('hid,bhjd->bhij', q, k)",)
SIZES = "(q.shape[0], q.shape[1], q.shape[-2], k.shape[-2])"
OBSTACLES = ("the scores are asked for their shape", "the scores are used again")


def fixed(lines: tuple[str, ...], test: str) -> str:
    """A function behind its fix; why there is none."""
    body = (*lines, f"if {test}:", "    m = m.unsqueeze(1)", "s = s.masked_fill(m, -1e9)")
    head = f"{HEAD}def attend(q, k, v, m):\n"
    return behind_fix(
        head + "".join(f"    {each}\n" for each in (*body, "return s.softmax(-1) @ v"))
    )


@pytest.mark.parametrize(
    ("lines", "test", "text"),
    [
        (FOUR, "m.dim() < s.dim()", "m.dim() < q.dim()"),
        (FOUR, "m.ndim == s.ndim - 1", "m.ndim == q.ndim - 1"),
        (FOUR, "len(m.shape) != len(s.shape)", "len(m.shape) != len(q.shape)"),
        (FOUR, "len(m.size()) != len(s.size())", "len(m.size()) != len(q.size())"),
        (LABELLED, "m.dim() < s.dim()", "m.dim() < q.dim()"),
        (SHARED, "m.dim() < s.dim()", "m.dim() < k.dim()"),
        (FOUR, "m.shape != s.shape", f"m.shape != {SIZES}"),
        (FOUR, "s.size() == m.size()", f"{SIZES} == m.size()"),
    ],
)
def test_query_or_key_is_asked(lines: tuple[str, ...], test: str, text: str) -> None:
    assert f"    if {text}:\n" in fixed(lines, test)


@pytest.mark.parametrize(
    ("lines", "test"),
    [
        (("s = q @ k.mT",), "m.dim() < s.dim()"),  # either may have more axes
        (("q = q.view(3, 4, 5, 6)", "s = q @ k.mT"), "m.dim() < s.dim()"),
        (("q = q.unsqueeze(1)", "s = q @ k.mT"), "m.dim() < s.dim()"),
        (SHARED, "m.shape != s.shape"),  # the batch of one may be broadcast
        (FOUR, "m.shape < s.shape"),
        (FOUR, "m.shape[:2] != s.shape[:2]"),
    ],
)
def test_what_is_not_known_stands_in_the_way(lines: tuple[str, ...], test: str) -> None:
    assert fixed(lines, test) in OBSTACLES
