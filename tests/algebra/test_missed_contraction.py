"""Which sums of one operand may be a typo, and what the equation may have meant."""

import pytest

from einlint.algebra.equation import parse
from einlint.algebra.missed_contraction import missed_contractions


@pytest.mark.parametrize(
    ("equation", "meant"),
    [
        ("bnsk,bnsh->bnsh", "bnsk,bnkh->bnsh"),
        ("bhqd,bhke->bhqk", "bhqd,bhkd->bhqk"),
        ("ij,kl->ik", "ij,kj->ik"),
        ("bhwc,hwdk->bk", "bhwc,hwck->bk"),
        ("...qd,...kD->...qk", "...qd,...kd->...qk"),
    ],
)
def test_a_product_one_letter_away_is_the_first_guess(equation: str, meant: str) -> None:
    assert str(next(missed_contractions(parse(equation))).meant) == meant


@pytest.mark.parametrize(
    "equation",
    [
        *("ndfc,d->nf", "g,tg->g", "ni,nj->n", "bik,aik->bi", "bdk,dgk->bd", "...ij,jk->ik"),
        *("ijk,zuvij->zuk", "zu,zv->zv", "zui,zvi->zv", "ij->i", "ij,jk,l->ik", "ij,jk->ik"),
    ],
)
def test_sums_of_public_code_are_meant(equation: str) -> None:
    assert not list(missed_contractions(parse(equation)))
