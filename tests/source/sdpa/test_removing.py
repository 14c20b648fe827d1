"""Which statements a fix of attention removes, and which it keeps."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions

START = f"{HEAD}def f(q, k, v, m=None, flag=False):\n"


def fixed(*lines: str) -> str:
    """The function behind the fix, without its head; why there is none."""
    text = START + "".join(f"    {each}\n" for each in lines)
    (found,) = attentions(text)
    replacement = found.replacement()
    assert replacement is not None
    if not replacement.edits:
        return replacement.obstacle
    for edit in reversed(replacement.edits):
        text = text[: edit.start] + edit.content + text[edit.end :]
    return text.removeprefix(START)


CALL = "    return F.scaled_dot_product_attention(q, k, v, scale=1.0)\n"


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        (["s = q @ k.mT", "w = s.softmax(-1)", "return w @ v"], CALL),
        # what somebody else needs stays
        (["n = q.shape[0]", "s = q @ k.mT", "print(n)", "return s.softmax(-1) @ v"],
         f"    n = q.shape[0]\n    print(n)\n{CALL}"),
        # comments stay
        (["# scores", "s = q @ k.mT  # b i j", "return s.softmax(-1) @ v"],
         f"    # scores\n    # b i j\n{CALL}"),
        # what was not needed before is none of its business
        (["x = 1", "s = q @ k.mT", "return s.softmax(-1) @ v"], f"    x = 1\n{CALL}"),
        # an optional step goes as a whole, what else stands in its branch stays
        (["s = q @ k.mT", "if m is not None:", "    s = s + m", "return s.softmax(-1) @ v"],
         CALL.replace(", scale", ", attn_mask=m, scale")),
        (["s = q @ k.mT", "if m is not None:", "    m = m.t()", "    s += m",
          "return s.softmax(-1) @ v"],
         "    if m is not None:\n        m = m.t()\n"
         + CALL.replace(", scale", ", attn_mask=m, scale")),
    ],
)  # fmt: skip
def test_removed(lines: list[str], result: str) -> None:
    assert fixed(*lines) == result


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["s = q @ k.mT; x = 1", "return s.softmax(-1) @ v"], "shares its line"),
        (["s = (q @  # scores", "    k.mT)", "return s.softmax(-1) @ v"], "a comment stands in"),
        (
            [
                "s = q @ k.mT",
                "if print(m):",
                "    s = s.masked_fill(m, -1e9)",
                "return s.softmax(-1) @ v",
            ],
            "a block would be left empty",
        ),
    ],
)
def test_kept(lines: list[str], reason: str) -> None:
    assert reason in fixed(*lines)
