"""Roles, kinds and canonical forms of equations that people write."""

import pytest

from einlint.algebra.canonical import canonical
from einlint.algebra.contraction import contraction_of
from einlint.algebra.equation import parse
from einlint.algebra.sublists import SublistError, equation_of_sublists


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # one operand
        ("ij->ji", "permutation"),
        ("ij->ij", "permutation"),
        ("->", "permutation"),
        ("...ij->...ji", "permutation"),
        ("ij->i", "reduction"),
        ("ij->", "reduction"),
        ("...i->i", "reduction"),
        ("ii->i", "diagonal"),
        ("ii->", "diagonal"),
        ("bii->b", "diagonal"),
        # nothing contracted
        ("i,j->ij", "outer"),
        ("bi,bj->bij", "outer"),
        ("...,f->...f", "outer"),
        ("ij,ij->ij", "elementwise"),
        ("ij,j->ij", "elementwise"),
        (",ij->ij", "elementwise"),
        (",->", "elementwise"),
        # one index contracted
        ("i,i->", "dot"),
        ("ij,j->i", "matvec"),
        ("ij,i->j", "matvec"),
        ("...ij,j->...i", "matvec"),
        ("j,ij->i", "vecmat"),
        ("k,bkc...->bc...", "vecmat"),
        ("ik,kj->ij", "matmul"),
        ("ik,kj->ji", "matmul"),
        ("oi,bi->bo", "matmul"),
        ("bij,jk->bik", "linear"),
        ("...i,oi->...o", "linear"),
        ("ij,bjk->bik", "linear"),
        ("bij,bjk->bik", "batched-matmul"),
        ("bhqd,bhkd->bhqk", "batched-matmul"),
        ("bqhd,bkhd->bhqk", "batched-matmul"),
        ("...ij,...jk->...ik", "batched-matmul"),
        ("bij,bj->bi", "batched-matvec"),
        ("bj,bij->bi", "batched-matvec"),
        ("bi,bi->b", "batched-dot"),
        ("...i,...i->...", "batched-dot"),
        # several contracted
        ("ij,ij->", "dot"),
        ("bij,bij->b", "batched-dot"),
        ("bthd,hdo->bto", "complex"),
        ("abc,cde->abde", "complex"),
        ("bijk,bk->bij", "complex"),
        ("bqc,bchw->bqhw", "complex"),
        ("...i,...i->", "complex"),
        # summed or repeated in one of two operands
        ("bnsk,bnsh->bnsh", "complex"),
        ("iij,jk->ik", "complex"),
        # three operands
        ("i,i,i->i", "elementwise"),
        ("i,j,k->ijk", "outer"),
        ("i,i,i->", "complex"),
        ("ij,jk,kl->il", "complex"),
    ],
)
def test_kind(text: str, kind: str) -> None:
    assert contraction_of(parse(text)).kind == kind


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        (
            "bhqd,bhkd->bhqk",
            {"batch": "bh", "contracted": "d", "free_left": "q", "free_right": "k"},
        ),
        ("bnsk,bnsh->bnsh", {"batch": "bns", "free_right": "h", "summed": "k"}),
        ("ij->j", {"free_left": "j", "summed": "i"}),
        ("bii->b", {"free_left": "b", "diagonal": "i"}),
        ("iij,jk->ik", {"contracted": "j", "free_right": "k", "diagonal": "i"}),
        ("...ij,jk->...ik", {"contracted": "j", "free_left": "...i", "free_right": "k"}),
        (
            "...ij,...jk->...ik",
            {"batch": "...", "contracted": "j", "free_left": "i", "free_right": "k"},
        ),
        ("ij,jk,kl->il", {"contracted": "jk", "free_left": "i", "free_right": "l"}),
        ("ij,ik,il->i", {"batch": "i", "summed": "jkl"}),
    ],
)
def test_roles(text: str, roles: dict[str, str]) -> None:
    found = contraction_of(parse(text)).roles.as_text()
    assert {role: labels for role, labels in found.items() if labels} == roles
    assert list(found) == ["batch", "contracted", "free_left", "free_right", "summed", "diagonal"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bhqd,bhkd->bhqk", "abcd,abed->abce"),
        (" z y , y x ", "ab,bc->ca"),
        ("Ba...,...->...aB", "ab...,...->...ba"),
    ],
)
def test_canonical_form_renames_in_order_of_appearance(text: str, expected: str) -> None:
    equation = canonical(parse(text))
    assert str(equation) == expected
    assert canonical(equation) == equation


def test_sublists_make_the_equation_that_torch_makes() -> None:
    assert equation_of_sublists([[0, 1], [1, 2]], [0, 2]) == "AB,BC->AC"
    assert equation_of_sublists([[..., 26], (51,)], None) == "...a,z"
    with pytest.raises(SublistError, match="subscript 52 is not within"):
        equation_of_sublists([[52]], [])
