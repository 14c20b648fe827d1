"""Operands by keyword, in an order that the code chooses."""

import pytest

from tests.source.sdpa.functions import attentions, function, written

_CALL = "F.scaled_dot_product_attention(q, k, v{}, scale=1.0)"


@pytest.mark.parametrize(
    ("body", "mask"),
    [
        ("s = torch.matmul(input=q, other=k.mT); torch.matmul(s.softmax(-1), other=v)", ""),
        (
            "w = F.softmax(input=q @ k.mT, dim=-1); w = F.dropout(input=w, p=0.1, training=flag); "
            "w @ v",
            ", dropout_p=0.1 if flag else 0.0",
        ),
        (
            "s = q @ k.mT; s = torch.masked_fill(input=s, mask=m == 0, value=-1e9); "
            "s.softmax(-1) @ v",
            ", attn_mask=m != 0",
        ),
        (
            "s = q @ k.mT; s = s.masked_fill(m == 0, value=-1e9); s.softmax(-1) @ v",
            ", attn_mask=m != 0",
        ),
        (
            "s = q @ k.mT; s.masked_fill_(mask=m == 0, value=-1e9); s.softmax(-1) @ v",
            ", attn_mask=m != 0",
        ),
    ],
)
def test_keywords_say_which_operand_it_is(body: str, mask: str) -> None:
    assert written(body) == _CALL.format(mask)


def test_a_keyword_that_is_none_of_its_parameters_is_not_read() -> None:
    assert not attentions(function("s = torch.bmm(q, other=k.mT); s.softmax(-1) @ v"))
