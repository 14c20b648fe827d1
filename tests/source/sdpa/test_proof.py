"""The proof refuses what computes something else, also where the texts look right."""

from dataclasses import replace

import pytest

from einlint.diagnostics import Edit
from tests.source.sdpa.functions import attentions, function

BODY = "a = g(q); c = g(q); s = (a @ c.mT).masked_fill(m, -1e9); o = s.softmax(-1) @ v; o"


def is_proved(changed: str) -> bool:
    """Whether a function with this body is taken for the same as the one above."""
    text = function(BODY)
    (found,) = attentions(text)
    return found.is_proved((Edit(0, len(text), function(changed)),))


CALL = "o = F.scaled_dot_product_attention({}, attn_mask=~m, scale=1.0)"


@pytest.mark.parametrize(
    ("body", "is_same"),
    [
        (f"a = g(q); c = g(q); {CALL.format('a, c, v')}; o", True),
        # two calls may return two things
        (f"a = g(q); c = g(q); {CALL.format('c, a, v')}; o", False),
        (f"a = g(q); c = a; {CALL.format('a, c, v')}; o", False),
        (f"a = g(q); c = g(k); {CALL.format('a, c, v')}; o", False),
        (f"a = g(q); c = g(q); {CALL.format('a, c, v')}; o + 1", False),
        (f"a = g(q); c = g(q); {CALL.format('a, c, v').replace('~m', 'm')}; o", False),
        (f"a = g(q); c = g(q); {CALL.format('a, c, v').replace('1.0', '2.0')}; o", False),
        (f"a = g(q); c = g(q); {CALL.format('a, c, v')}; print(o); o", False),
        (f"a = g(q); c = g(q); {CALL.format('a, c, v')}; {CALL.format('a, c, v')}; o", True),
        (f"a = g(q); c = g(q); m = ~m; {CALL.format('a, c, v')}; o", False),
        (f"a = g(q); c = g(q); {CALL.format('a, c.mT, v')}; o", False),
    ],
)
def test_what_leaves_the_function_is_the_same(body: str, is_same: bool) -> None:
    assert is_proved(body) is is_same


def test_text_that_is_no_python_proves_nothing() -> None:
    (found,) = attentions(function(BODY))
    assert not found.is_proved((Edit(0, 0, "def ("),))


PAIR = "(m + b if b is not None else m) if m is not None else b"


@pytest.mark.parametrize(
    ("mask", "is_same"),
    [
        (PAIR, True),
        (PAIR.replace("m + b", "m + m"), False),
        (PAIR.replace("m + b", "m"), False),
        (PAIR.replace("else m)", "else b)"), False),
        (PAIR.replace("else b", "else None"), False),
        (PAIR.replace("if b is not None", "if b is None"), False),
        (PAIR.replace("if m is not None", "if flag"), False),
        ("m + b if m is not None else b", False),
        ("m + b", False),
    ],
)
def test_two_optional_masks(mask: str, is_same: bool) -> None:
    steps = "s = s + m if m is not None else s; s = s + b if b is not None else s"
    text = function(f"s = q @ k.mT; {steps}; s.softmax(-1) @ v")
    (found,) = attentions(text)
    call = f"F.scaled_dot_product_attention(q, k, v, attn_mask={mask}, scale=1.0)"
    assert found.is_proved((Edit(0, len(text), function(call)),)) is is_same


@pytest.mark.parametrize(
    ("query", "is_same"),
    [
        ("q * (2 * q.shape[-1] ** 0.5)", True),
        ("q * (q.shape[-1] ** 0.5 * 2)", True),
        ("q * (2 * q.shape[-1] ** -0.5)", False),
        ("q * (2 * q.shape[-2] ** 0.5)", False),
        ("q * (2 * k.shape[-1] ** 0.5)", False),
        ("q * q.shape[-1] ** 0.5", False),
        ("q * 2", False),
        ("q", False),
    ],
)
def test_a_query_that_is_scaled_for_a_torch_without_scale(query: str, is_same: bool) -> None:
    text = function("(q @ k.mT * 2).softmax(-1) @ v")
    (found,) = attentions(text)
    old = replace(found, parts=replace(found.parts, has_scale=False))
    call = f"F.scaled_dot_product_attention({query}, k, v)"
    assert old.is_proved((Edit(0, len(text), function(call)),)) is is_same
    assert not found.is_proved((Edit(0, len(text), function(call)),))
