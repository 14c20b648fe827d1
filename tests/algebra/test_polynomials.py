"""Sizes as polynomials: those that no tensor has become a name, which proves nothing."""

import pytest

from einlint.algebra.polynomials import Polynomial, Symbols


@pytest.mark.parametrize(("size", "is_kept"), [(2**63 - 1, True), (2**63, False), (7, True)])
def test_a_size_beyond_those_of_torch_becomes_a_name(size: int, is_kept: bool) -> None:
    polynomial = Polynomial.of(size)
    bounded = Symbols().bounded(polynomial)
    assert (bounded == polynomial) == is_kept
    assert (bounded.constant is not None) == is_kept


def test_a_sum_is_divided_by_itself_alone() -> None:
    symbols = Symbols()
    one, other = (symbols.bounded(Polynomial.of(2**63 + at)) for at in range(2))
    total = one + other
    assert total // total == Polynomial.of(1)
    assert (one * other) // one == other
    assert one // total is None
