"""The grammar is torch's: the same texts are equations, the same outputs are inferred."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from einlint.algebra.equation import ELLIPSIS, EquationError, Fault, parse


@pytest.mark.parametrize(
    ("text", "fault", "column"),
    [
        ("ij;jk->ik", Fault.SYNTAX, 2),
        ("ij,jk->i1", Fault.SYNTAX, 8),
        ("ij,jk=>ik", Fault.SYNTAX, 5),
        ("ij,j\tk->ik", Fault.SYNTAX, 4),
        ("ij,jk\n->ik", Fault.SYNTAX, 5),
        ("ij,jk->ik->i", Fault.SYNTAX, 9),
        ("ij,jk->i,k", Fault.SYNTAX, 8),
        ("..ij->ij", Fault.SYNTAX, 0),
        ("i..j->ij", Fault.SYNTAX, 1),
        (". . .i->i", Fault.SYNTAX, 0),
        ("...i...->i", Fault.SYNTAX, 4),
        ("....i->i", Fault.SYNTAX, 3),
        ("i->......", Fault.SYNTAX, 6),
        ("ij,jk->il", Fault.OUTPUT, 8),
        ("ij,jk->iik", Fault.OUTPUT, 8),
        ("ij,jk->iI", Fault.OUTPUT, 8),
        (" ij , jk -> i l", Fault.OUTPUT, 14),
        ("iñ->i", Fault.SYNTAX, 1),
    ],
)
def test_rejects_what_torch_rejects(text: str, fault: Fault, column: int) -> None:
    with pytest.raises(EquationError) as caught:
        parse(text)
    assert (caught.value.fault, caught.value.column) == (fault, column)
    assert f"column {column + 1}" in str(caught.value)
    with pytest.raises(RuntimeError):
        torch.einsum(text, *operands_for(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "ij,j\u043a->ik",
            "`\u043a` (U+043A CYRILLIC SMALL LETTER KA) in operand 2 only looks like `k`",
        ),
        (
            "\u03b1j->j",
            "`\u03b1` (U+03B1 GREEK SMALL LETTER ALPHA) in operand 1 only looks like `a`",
        ),
        (
            "i->\uff49",
            "`\uff49` (U+FF49 FULLWIDTH LATIN SMALL LETTER I) in the output only looks like `i`",
        ),
        ("i\uff0cj->", "`\uff0c` (U+FF0C FULLWIDTH COMMA) in operand 1 only looks like `,`"),
        ("\u2026i->i", "`\u2026` (U+2026 HORIZONTAL ELLIPSIS) in operand 1 only looks like `...`"),
        ("i\xa0j->", "U+00A0 NO-BREAK SPACE in operand 1 only looks like a space"),
        ("i\u200bj->", "U+200B ZERO WIDTH SPACE in operand 1 is invisible"),
        ("i\ue000->", "U+E000 in operand 1 is not an index: only a-z, A-Z, `...` and spaces are"),
        (
            "i\xf1->",
            "`\xf1` (U+00F1 LATIN SMALL LETTER N WITH TILDE) in operand 1 is not an index:",
        ),
        ("ij\u2192i", "`\u2192` is no arrow: write `->`"),
        ("ij=>i", "`=>` is no arrow: write `->`"),
        ("ij - > i", "`- >` is no arrow: write `->`"),
        ("ij\u2014>i", "`\u2014>` is no arrow: write `->`"),
        ("ij-->i", "`-->` is no arrow: write `->`"),
        ("ij->i->", "a second arrow `->`"),
    ],
)
def test_says_what_a_wrong_character_was_meant_to_be(text: str, reason: str) -> None:
    with pytest.raises(EquationError) as caught:
        parse(text)
    assert caught.value.reason.startswith(reason)
    with pytest.raises(RuntimeError):
        torch.einsum(text, *operands_for(text))


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("ij,jk", "ik"),
        ("ba", "ab"),
        ("ij,jK", "Ki"),
        ("ii", ""),
        ("...ij,...jk", "...ik"),
        ("b...a", "...ab"),
        ("", ""),
        (",", ""),
    ],
)
def test_infers_the_output(text: str, output: str) -> None:
    equation = parse(text)
    assert equation.implicit
    assert "".join(equation.output) == output


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" i j , j k -> i k ", "ij,jk->ik"),
        ("i...,...j->i...j", "i...,...j->i...j"),
        ("ij->...ij", "ij->ij"),
        ("->", "->"),
        (",->", ",->"),
        ("i->...", "i->"),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert str(parse(text)) == normal


@given(st.text(alphabet="abA., ->", max_size=12))
@settings(max_examples=2000, deadline=None)
def test_agrees_with_torch_on_any_text(text: str) -> None:
    operands = operands_for(text)
    try:
        equation = parse(text)
    except EquationError:
        with pytest.raises((RuntimeError, ValueError)):  # the second is opt_einsum's, where it is
            torch.einsum(text, *operands)
        return
    result = torch.einsum(text, *operands)
    has_ellipsis = any(ELLIPSIS in term for term in equation.inputs)
    extra = 1 if has_ellipsis and ELLIPSIS in equation.output else 0
    named = [label for label in equation.output if label != ELLIPSIS]
    assert result.dim() == len(named) + extra


def operands_for(text: str) -> list[torch.Tensor]:
    """A tensor of the right rank for every term, an ellipsis standing for one axis."""
    terms = text.partition("->")[0].split(",")
    ranks = [sum(map(str.isalpha, term)) + ("..." in term) for term in terms]
    return [torch.ones([2] * rank) for rank in ranks]
