"""Messages name an equation as people do."""

import pytest

from einlint.algebra.contraction import contraction_of
from einlint.algebra.equation import parse
from einlint.algebra.nouns import noun


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("->", "the operand itself"),
        ("ij->ij", "the operand itself"),
        ("ij->ji", "a transposition"),
        ("bij->bji", "a transposition of two axes"),
        ("...ij->...ji", "a transposition of two axes"),
        ("...i->i...", "a permutation of axes"),
        ("ijk->kij", "a permutation of axes"),
        ("i->", "a sum"),
        ("ij->", "a sum of all elements"),
        ("...->", "a sum of all elements"),
        ("ij->i", "a sum over an axis"),
        ("ijk->k", "a sum over axes"),
        ("...i->i", "a sum over axes"),
        ("ijk->ki", "a permuted sum over an axis"),
        ("ii->i", "a diagonal"),
        ("iijj->ij", "a diagonal"),
        ("bii->bi", "a batched diagonal"),
        ("...ii->...i", "a batched diagonal"),
        ("ii->", "a trace"),
        ("bii->b", "a batched trace"),
        ("iij->i", "a diagonal, summed over other axes"),
        ("iij->", "a trace, summed over other axes"),
        ("iii->", "a sum of a diagonal"),
        (",->", "a product of scalars"),
        (",ij->ij", "a product with a scalar"),
        ("ij,ij->ij", "an elementwise product"),
        ("i,i,i->i", "an elementwise product"),
        ("ij,ji->ij", "an elementwise product"),
        ("ij,j->ij", "an elementwise product with broadcasting"),
        ("i,j->ij", "an outer product"),
        ("bi,bj->bij", "a batched outer product"),
        ("i,i->", "a dot product"),
        ("ij,ij->", "an inner product of two matrices"),
        ("ijk,ijk->", "an inner product of two tensors"),
        ("ij,ji->", "the trace of a matrix product"),
        ("ijk,kij->", "a full contraction"),
        ("bi,bi->b", "a row-wise dot product"),
        ("ib,ib->b", "a column-wise dot product"),
        ("ib,bi->b", "a batched dot product"),
        ("...i,...i->...", "a batched dot product"),
        ("bij,bij->b", "a batched inner product"),
        ("ij,j->i", "a matrix-vector product"),
        ("i,ij->j", "a vector-matrix product"),
        ("j,ij->i", "a product of a matrix and a vector"),
        ("ij,i->j", "a product of a matrix and a vector"),
        ("bij,j->bi", "a product of an N-D operand with a vector"),
        ("...ij,j->...i", "a product of an N-D operand with a vector"),
        ("bij,bj->bi", "a batched matrix-vector product"),
        ("bi,bij->bj", "a batched vector-matrix product"),
        ("bij,bi->bj", "a batched product of a matrix and a vector"),
        ("ik,kj->ij", "a matrix product"),
        ("bhqd,bhkd->bhqk", "a batched matrix product"),
        ("bij,jk->bik", "a product of an N-D operand with a matrix"),
        ("ij,jk,kl->il", "a complex contraction"),
    ],
)
def test_noun(text: str, expected: str) -> None:
    assert noun(contraction_of(parse(text))) == expected
