"""The tensordot and the matrix product of merged axes: executed against einsum, with torch."""

import itertools

import pytest

from einlint.algebra.contraction import Contraction, ContractionKind, contraction_of
from einlint.algebra.equation import parse
from einlint.rewriting.dialects.style import Style
from einlint.rewriting.dialects.torch import spell
from einlint.rewriting.other_spellings import Spelling, merged_product, tensordot
from tests.equation_table import NAMES, TABLE

SIZES = dict(zip("abcdefg", (2, 3, 5, 4, 6, 1, 7), strict=True))
# Of the table every so many equations; the table has all ranks up to 4.
STRIDE = 23
WIDE = ("abcd,befg->acdefg", "abc,dec->abde", "abcd,cde->abe", "abcd,cde->eab", "abc,acde->abde")


def text_of(spelling: Spelling) -> str:
    return spell(spelling.expression, NAMES, Style(), "torch").source


def spellings(contraction: Contraction) -> list[Spelling]:
    found = (tensordot(contraction), merged_product(contraction))
    return [each for each in found if each is not None]


def equations() -> list[str]:
    rows = TABLE.read_text().splitlines()[1:]
    two = [row.split("\t")[0] for row in rows if "," in row]
    return [*WIDE, *itertools.islice(two, 0, None, STRIDE)]


def test_they_compute_what_einsum_computes() -> None:
    torch = pytest.importorskip("torch")
    made: dict[str, int] = {"tensordot": 0, "flatten": 0, "unflatten": 0}
    for text in equations():
        contraction = contraction_of(parse(text))
        for spelling in spellings(contraction):
            shapes = [[SIZES[each] for each in term] for term in contraction.equation.inputs]
            a, b = (torch.randint(-4, 5, shape).double() for shape in shapes)
            written = text_of(spelling)
            result = eval(written, {"torch": torch, "a": a, "b": b})
            expected = torch.einsum(text, a, b)
            assert result.shape == expected.shape, (text, written)
            assert torch.equal(result, expected), (text, written)
            for word in made:
                made[word] += f".{word}(" in written
    assert all(count > 20 for count in made.values()), made


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        (
            "btd,ndh->btnh",
            [
                "torch.tensordot(a, b, dims=([2], [1]))",
                "(a @ b.transpose(0, 1).flatten(1)).unflatten(-1, (b.shape[0], b.shape[2]))",
            ],
        ),
        ("bthd,hdo->bto", ["torch.tensordot(a, b, dims=2)", "a.flatten(2) @ b.flatten(0, 1)"]),
        (
            "kij,kl->lij",
            [
                "torch.tensordot(b, a, dims=([0], [0]))",
                "(b.transpose(-2, -1) @ a.flatten(1)).unflatten(-1, a.shape[1:])",
            ],
        ),
        ("bij,bj->bi", []),  # a batch of vectors
        ("...ij,jk->...ik", []),
        ("iij,jk->ik", []),
        ("ij,kl->il", []),
        ("ij,jk,kl->il", []),
    ],
)
def test_texts(equation: str, expected: list[str]) -> None:
    assert [text_of(each) for each in spellings(contraction_of(parse(equation)))] == expected


def test_what_has_two_views_reads_worse() -> None:
    one, other = spellings(contraction_of(parse("btd,ndh->btnh")))
    assert not one.reads_worse
    assert other.reads_worse


def test_compiled_code_is_not_mistaken_for_attention() -> None:
    contraction = contraction_of(parse("bqhd,bkhd->bhqk"))
    assert contraction.kind is ContractionKind.BATCHED_MATMUL
    spelling = merged_product(contraction)
    assert spelling is not None
    assert text_of(spelling) == "a.transpose(1, 2) @ b.transpose(1, 2).transpose(-2, -1)"
